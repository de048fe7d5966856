// Dashboards: those that come with the appliance, and those of the workspace.
import { useRef } from 'react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { client, data } from '../api/client';
import { queries, useSession } from '../app/queries';
import { Page } from '../app/shell';
import { boardsQuery, builtInQuery, type Board } from '../boards/data';
import '../boards/boards.css';
import { ago, t } from '../i18n';
import { Action, Empty, Show } from '../kit/bits';
import { Field, SendForm } from '../kit/form';
import { Icon } from '../kit/icon';
import { Ask, Cancel } from '../kit/overlay';
import { tellError } from '../kit/toast';

export function Dashboards() {
    const session = useSession();
    const navigate = useNavigate();
    const own = useQuery(boardsQuery);
    const builtIn = useQuery(builtInQuery());
    const file = useRef<HTMLInputElement>(null);
    const make = async (board: Board) => {
        const { id } = await data(client.POST('/v1/dashboards', { body: board }));
        await queries.invalidateQueries({ queryKey: ['dashboards'] });
        return id;
    };
    const go = (id: string, edit = false) => navigate({ to: '/dashboards/$dashboard', params: { dashboard: id }, search: edit ? { edit } : {} });
    const read = async (from: File | undefined) => {
        try {
            if (from) await go(await make(JSON.parse(await from.text()) as Board));
        } catch (error) {
            tellError(error instanceof SyntaxError ? new Error(t('board_no_file')) : error);
        }
    };
    const may = session?.can('dashboard:manage');
    const actions = may && (
        <>
            <input ref={file} type="file" accept="application/json,.json" hidden aria-hidden="true" tabIndex={-1} onChange={({ target }) => void read(target.files?.[0]).finally(() => (target.value = ''))} />
            <Action icon="upload" onPress={() => file.current?.click()}>{t('board_import')}</Action>
            <Ask button={{ icon: 'plus', look: 'primary', children: t('new_dashboard') }} title={t('new_dashboard')}>
                {(close) => (
                    <SendForm submit={t('create')} also={<Cancel />} onSend={async ({ title = '', description = '' }) => {
                        const id = await make({ title, description, range: '30d', tiles: [] });
                        close();
                        await go(id, true);
                    }}>
                        <Field name="title" label={t('title')} isRequired maxLength={120} autoFocus />
                        <Field name="description" label={t('description')} maxLength={400} />
                    </SendForm>
                )}
            </Ask>
        </>
    );
    return (
        <Page crumbs={[{ name: t('nav_work') }, { name: t('nav_dashboards') }]} title={t('nav_dashboards')} intro={t('dashboards_intro')} actions={actions}>
            <section className="stack tight" aria-label={t('boards_built_in')}>
                <h2>{t('boards_built_in')}</h2>
                <Show of={builtIn}>{({ items }) => <Cards of={items} />}</Show>
            </section>
            <section className="stack tight" aria-label={t('boards_own')}>
                <h2>{t('boards_own')}</h2>
                <Show of={own}>
                    {(items) => (items.length ? <Cards of={items} /> : <Empty icon="chart" title={t('no_dashboards')}>{t('no_dashboards_hint')}</Empty>)}
                </Show>
            </section>
        </Page>
    );
}

type Summary = { id: string; title: string; description: string; tiles: number; updated?: string | null };
const Cards = ({ of }: { of: Summary[] }) => (
    <div className="board-list">
        {of.map(({ id, title, description, tiles, updated }) => (
            <Link key={id} to="/dashboards/$dashboard" params={{ dashboard: id }} className="card tile">
                <div className="row"><Icon name="chart" /><h3 className="cut">{title}</h3></div>
                <p className="soft">{description}</p>
                <p className="small soft">{t('n_tiles', { n: tiles })}{updated && ` · ${ago(updated)}`}</p>
            </Link>
        ))}
    </div>
);
