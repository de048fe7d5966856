// Brand kits: how videos look. Colours are shown as they would be drawn while they are chosen; what stands out too little is said.
import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { FileTrigger } from 'react-aria-components/FileTrigger';
import { client, data, ifMatch, pages, type Schemas } from '../api/client';
import { act } from '../app/act';
import { useChosen } from '../app/chosen';
import { Guard } from '../kit/leaving';
import { queries, useSession } from '../app/queries';
import { Page } from '../app/shell';
import { number, t, tOr } from '../i18n';
import { Action, Badge, Empty, Notice } from '../kit/bits';
import { Pick, Segments, Switch } from '../kit/choose';
import { Field, SendForm } from '../kit/form';
import { Icon } from '../kit/icon';
import { Confirm } from '../kit/overlay';
import { tell, tellError } from '../kit/toast';
import { ColourField } from './colour-field';
import { MakeNamed, ShowNamed } from './named';
import { Preview, themeOf, type Look } from './preview';

type Kit = Schemas['BrandKit'];
const FONTS = { inter: 'Inter', noto_sans_devanagari: 'Noto Sans Devanagari', noto_sans_arabic: 'Noto Sans Arabic', noto_sans_hebrew: 'Noto Sans Hebrew' } as const;
const kitsQuery = { queryKey: ['brand-kits'], queryFn: () => pages((after) => data(client.GET('/v1/brand-kits', { params: { query: { limit: 200, after } } }))) };

export function BrandKits() {
    const session = useSession();
    const navigate = useNavigate();
    const { kit: wanted } = useSearch({ from: '/app/brand-kits' });
    const kits = useQuery(kitsQuery);
    const { choices } = useChosen();
    const choose = (kit: string) => void navigate({ to: '/brand-kits', search: { kit }, replace: true });
    const make = (name: string) => data(client.POST('/v1/brand-kits', { body: { name } }));
    const mark = ({ id, warnings }: Kit) => (
        <>
            {warnings.length > 0 && <><Icon name="alert" /><span className="hidden">{t('contrast_low')}</span></>}
            {choices?.brand_kit === id && <Badge tone="good">{t('in_use')}</Badge>}
        </>
    );
    const fresh = session?.can('template:manage') && <MakeNamed label={t('new_kit')} list="brand-kits" make={make} choose={choose} />;
    return (
        <Page crumbs={[{ name: t('nav_work') }, { name: t('nav_brand_kits') }]} title={t('nav_brand_kits')} intro={t('brand_kits_intro')}
            actions={!!kits.data?.length && fresh}>
            <ShowNamed of={kits} label={t('nav_brand_kits')} wanted={wanted} choose={choose} mark={mark}
                empty={<Empty icon="palette" title={t('no_kits')} action={fresh}>{t('no_kits_hint')}</Empty>}>
                {(now) => <One key={`${now.id} ${now.version}`} kit={now} />}
            </ShowNamed>
        </Page>
    );
}

function One({ kit }: { kit: Kit }) {
    const { choices, choose, may } = useChosen();
    const [look, setLook] = useState<Look>(kit.look);
    const [removing, remove] = useState(false);
    const set = (change: Partial<Look>) => setLook({ ...look, ...change });
    const theme = themeOf(look);
    const params = { path: { brand_kit: kit.id }, header: ifMatch(kit.version) };
    const colour = (name: 'background' | 'ink' | 'line' | 'accent') => (
        <ColourField label={t(`colour_${name}`)} value={look[name] ?? ''} base={theme.base[name]} against={name === 'background' ? undefined : theme.background} onChange={(value) => set({ [name]: value || null })} />
    );
    return (
        <div className="stack">
            <section className="card padded stack">
                <Preview look={look === kit.look ? asDrawn(kit) : look} label={t('preview')} />
                {kit.warnings.length > 0 && (
                    <Notice tone="warn">
                        <p><strong>{t('contrast_low')}</strong></p>
                        <ul className="small">
                            {kit.warnings.map(({ color, against, ratio, least, used }) => (
                                <li key={color + against}>
                                    <strong>{colourName(color)}</strong> · {t('contrast_text', { against, ratio: number(ratio), least: number(least) })} <svg className="dot" viewBox="0 0 10 10" aria-hidden="true"><circle cx="5" cy="5" r="5" fill={used} /></svg> <span className="mono">{used}</span>
                                </li>
                            ))}
                        </ul>
                    </Notice>
                )}
            </section>
            <section className="card padded">
                <SendForm submit={t('save')} also={may && <Action look="quiet" icon="trash" onPress={() => remove(true)}>{t('remove')}</Action>} onSend={async ({ name = '' }) => {
                    await client.PATCH('/v1/brand-kits/{brand_kit}', { params, body: { name, look } });
                    await queries.invalidateQueries({ queryKey: ['brand-kits'] });
                    tell(t('saved'));
                }}>
                    <Guard also={look !== kit.look} whole />
                    <fieldset className="bare stack" disabled={!may}>
                        <div className="grid">
                            <Field name="name" label={t('name')} defaultValue={kit.name} isRequired maxLength={100} />
                            <Pick label={t('font')} value={look.font ?? 'inter'} onChange={(font) => set({ font: font as keyof typeof FONTS })} choices={Object.entries(FONTS).map(([id, name]) => ({ id, name }))} />
                        </div>
                        <div className="row wrap">
                            <Segments label={t('theme')} value={look.base ?? 'light'} onChange={(base) => set({ base: base as 'light' | 'dark' })} choices={[{ id: 'light', name: t('theme_light') }, { id: 'dark', name: t('theme_dark') }]} />
                            <Switch on={choices?.brand_kit === kit.id} onChange={(on) => void choose({ brand_kit: on ? kit.id : null })}>{t('use_everywhere')}</Switch>
                        </div>
                        <div className="grid">{colour('background')}{colour('ink')}{colour('line')}{colour('accent')}</div>
                        <div className="stack tight">
                            <h2>{t('box_colours')}</h2>
                            <div className="grid">
                                {(look.tones ?? []).map((tone, i) => (
                                    <ColourField key={i} label={t('colour_n', { n: i + 1 })} value={tone} base={theme.base.tones[i % theme.base.tones.length] ?? '#000000'} against={theme.background}
                                        onChange={(value) => set({ tones: value ? look.tones?.map((one, at) => (at === i ? value : one)) : look.tones?.filter((_, at) => at !== i) })} />
                                ))}
                            </div>
                            {(look.tones?.length ?? 0) < 6 && <div><Action icon="plus" onPress={() => set({ tones: [...(look.tones ?? []), theme.base.tones[look.tones?.length ?? 0] ?? '#4347CF'] })}>{t('add_colour')}</Action></div>}
                        </div>
                    </fieldset>
                </SendForm>
            </section>
            <Logo kit={kit} may={may} />
            <Confirm
                title={t('remove')} text={t('remove_kit_text', { name: kit.name })} action={t('remove')} open={removing} onClose={() => remove(false)}
                onYes={() => act(['brand-kits', 'choices'], () => client.DELETE('/v1/brand-kits/{brand_kit}', { params }), t('removed'))}
            />
        </div>
    );
}

function colourName(code: string): string {
    const [name = '', n] = code.split('/');
    if (name === 'tones') return t('colour_n', { n: Number(n) + 1 });
    return tOr(`colour_${name}`, name);
}

/** The look with what stands out too little put right, as videos have it. */
function asDrawn({ look, warnings }: Kit): Look {
    const right = new Map(warnings.map(({ color, used }) => [color, used]));
    const one = (name: 'background' | 'ink' | 'line' | 'accent') => right.get(name) ?? look[name];
    return { ...look, background: one('background'), ink: one('ink'), line: one('line'), accent: one('accent'), tones: look.tones?.map((tone, i) => right.get(`tones/${i}`) ?? tone) };
}

async function base64(file: File): Promise<string> {
    const bytes = new Uint8Array(await file.arrayBuffer());
    let text = '';
    for (let i = 0; i < bytes.length; i += 8_192) text += String.fromCharCode(...bytes.subarray(i, i + 8_192));
    return btoa(text);
}

function Logo({ kit, may }: { kit: Kit; may: boolean }) {
    const params = { path: { brand_kit: kit.id }, header: ifMatch(kit.version) };
    const give = async (file: File) => {
        if (file.type !== 'image/png' && file.type !== 'image/svg+xml') return tellError(new Error(t('logo_kinds')));
        if (file.size > 256 * 1024) return tellError(new Error(t('logo_large')));
        const body = { media_type: file.type, data: await base64(file) } as Schemas['NewLogo'];
        await act(['brand-kits'], () => client.POST('/v1/brand-kits/{brand_kit}/logo', { params, body }), t('saved'));
    };
    return (
        <section className="card padded row apart wrap">
            <div className="row">
                {kit.logo ? <img className="logo" src={`/v1/brand-kits/${kit.id}/logo?v=${kit.version}`} alt={t('logo')} /> : <span className="logo none"><Icon name="palette" /></span>}
                <div><h2>{t('logo')}</h2><p className="small soft">{t('logo_kinds')}</p></div>
            </div>
            {may && (
                <div className="row">
                    {kit.logo && <Action look="quiet" onPress={() => void act(['brand-kits'], () => client.DELETE('/v1/brand-kits/{brand_kit}/logo', { params }), t('removed'))}>{t('remove')}</Action>}
                    <FileTrigger acceptedFileTypes={['image/png', 'image/svg+xml']} onSelect={(files) => { const file = files?.[0]; if (file) void give(file); }}><Action icon="upload">{t('choose_logo')}</Action></FileTrigger>
                </div>
            )}
        </section>
    );
}
