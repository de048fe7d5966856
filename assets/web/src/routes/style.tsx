// The design system, alive: every token and part as it is now, in every look.
import { useState } from 'react';
import { Appearance } from './looks';
import { Page } from '../app/shell';
import { t } from '../i18n';
import { Action, Badge, Empty, Meter, Notice, Skeleton } from '../kit/bits';
import { Pick, Segments, Switch } from '../kit/choose';
import { Problem } from '../api/client';
import { Field, SendForm } from '../kit/form';
import { More } from '../kit/menu';
import { Ask, Cancel } from '../kit/overlay';
import { Grid } from '../kit/grid';
import { tell } from '../kit/toast';
import './style.css';

const COLOURS = ['canvas', 'surface', 'sunken', 'hover', 'line', 'line-strong', 'ink', 'ink-soft', 'accent', 'on-accent', 'accent-soft', 'accent-ink', 'good', 'good-soft', 'warn', 'warn-soft', 'bad', 'bad-soft', 'tone-0', 'tone-1', 'tone-2', 'tone-3', 'tone-4', 'tone-5'];
const SIZES = ['xs', 'sm', 'md', 'lg', 'xl', '2xl'];
const SPACES = ['s1', 's2', 's3', 's4', 's5', 's6', 's7'];
const ROWS = Array.from({ length: 100_000 }, (_, i) => i + 1);

export function Style() {
    const [on, setOn] = useState(true);
    const [view, setView] = useState('one');
    const [moved, setMoved] = useState('');
    const taken = () => Promise.reject(new Problem({ type: '', title: '', status: 422, code: 'invalid', errors: [{ at: '/email', detail: t('style_email_taken') }] }));
    const part = (title: string, children: React.ReactNode) => <section className="card padded stack" aria-label={title}><h2>{title}</h2>{children}</section>;
    return (
        <Page crumbs={[{ name: 'Audiagram', to: '/' }, { name: t('style') }]} title={t('style')} intro={t('style_intro')}>
            {part(t('appearance'), <Appearance />)}
            {part(t('style_colours'), <div className="swatches">{COLOURS.map((name) => <div key={name} className="swatch"><span style={{ background: `var(--${name})` }} /><span className="mono">{name}</span></div>)}</div>)}
            {part(t('style_type'), <div className="stack tight">{SIZES.map((size) => <p key={size} style={{ fontSize: `var(--text-${size})` }}>{t('style_sample')} <span className="mono soft">{size}</span></p>)}</div>)}
            {part(t('style_space'), (
                <ul className="stack tight style-sizes">{SPACES.map((name) => <li key={name} className="row"><span className="mono soft">{name}</span><span className="style-space" style={{ inlineSize: `var(--${name})` }} /></li>)}</ul>
            ))}
            {part(t('style_motion'), (
                <>
                    <p className="soft small">{t('style_motion_hint')}</p>
                    <div className="row wrap">{['quick', 'calm'].map((name) => <Action key={name} onPress={() => setMoved(moved === name ? '' : name)}><span className="mono">{name}</span></Action>)}</div>
                    {['quick', 'calm'].map((name) => <div key={name} className="style-track"><span className={moved === name ? 'style-mover there' : 'style-mover'} style={{ transitionDuration: `var(--${name})` }} /></div>)}
                </>
            ))}
            {part(t('style_focus'), (
                <>
                    <p className="soft small">{t('style_focus_hint')}</p>
                    <div className="row wrap"><span className="style-ring">{t('style_sample')}</span><span className="style-ring inside">{t('style_sample')}</span></div>
                </>
            ))}
            {part(t('style_buttons'), (
                <div className="row wrap">
                    <Action look="primary" icon="plus">{t('create')}</Action>
                    <Action>{t('cancel')}</Action>
                    <Action look="quiet">{t('more')}</Action>
                    <Action look="danger" icon="trash">{t('remove')}</Action>
                    <Action isDisabled>{t('save')}</Action>
                    <More label={t('more')} entries={[{ id: 'one', name: t('rename'), icon: 'edit', run: () => {} }, { id: 'two', name: t('remove'), icon: 'trash', bad: true, run: () => {} }]} />
                    <Ask button={{ children: t('style_dialog') }} title={t('style_dialog')}><p>{t('style_sample')}</p><div className="actions"><Cancel /></div></Ask>
                    <Action onPress={() => tell(t('removed'), () => tell(t('restored', { name: '1' })))}>{t('style_toast')}</Action>
                </div>
            ))}
            {part(t('style_choices'), (
                <div className="row wrap">
                    <Segments label={t('kind')} value={view} onChange={setView} choices={[{ id: 'one', name: t('diagram_flow') }, { id: 'two', name: t('diagram_timeline') }, { id: 'three', name: t('diagram_steps') }]} />
                    <Switch on={on} onChange={setOn}>{t('captions')}</Switch>
                    <Badge>{t('job_queued')}</Badge><Badge tone="accent">{t('job_running')}</Badge><Badge tone="good">{t('job_done')}</Badge><Badge tone="warn">{t('job_failed')}</Badge><Badge tone="bad">{t('job_dead')}</Badge>
                </div>
            ))}
            {part(t('style_form'), (
                <SendForm submit={t('save')} onSend={taken}>
                    <Field name="name" label={t('name')} defaultValue="Ada" />
                    <Field name="email" type="email" label={t('email')} hint={t('style_email_hint')} defaultValue="ada@example.org" />
                    <Pick name="role" label={t('role')} initial="editor" choices={(['viewer', 'editor', 'owner'] as const).map((id) => ({ id, name: t(`role_${id}`) }))} />
                </SendForm>
            ))}
            {part(t('style_states'), (
                <div className="stack">
                    <Meter share={0.6} label={t('storage')} />
                    <Notice tone="good" icon="check">{t('saved')}</Notice>
                    <Notice tone="warn">{t('offline')}</Notice>
                    <Skeleton />
                    <Empty icon="folder" title={t('no_projects')} action={<Action look="primary" icon="plus">{t('new_project')}</Action>}>{t('no_projects_hint')}</Empty>
                </div>
            ))}
            {part(t('style_table'), <Grid name="style" picks={{ name: (n) => `${t('recordings')} ${n}`, acts: (_, clear) => <Action onPress={clear}>{t('clear_selection')}</Action> }} caption={t('recordings')} rows={ROWS} rowKey={String} columns={[{ id: 'n', name: '#', kept: true, sort: (n) => n, cell: (n) => <span className="num">{n}</span> }, { id: 'name', name: t('name'), sort: (n) => `${t('recordings')} ${n}`, cell: (n) => `${t('recordings')} ${n}` }, { id: 'state', name: t('state'), sort: (n) => n % 3, cell: (n) => <Badge tone={n % 3 ? 'good' : 'plain'}>{n % 3 ? t('job_done') : t('job_queued')}</Badge> }]} />)}
        </Page>
    );
}
