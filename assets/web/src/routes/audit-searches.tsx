// Searches of the trail that one comes back to: one's own, and those that are shared with everyone who may read the trail.
import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { ToggleButton } from 'react-aria-components/ToggleButton';
import { client, data, ifMatch, type Schemas } from '../api/client';
import { act } from '../app/act';
import { queries, useSession } from '../app/queries';
import { t } from '../i18n';
import { Badge } from '../kit/bits';
import { Switch } from '../kit/choose';
import { Field, SendForm } from '../kit/form';
import { More } from '../kit/menu';
import { Ask, Cancel, Confirm, Window } from '../kit/overlay';
import { tell } from '../kit/toast';
import './portal.css';

type Search = Schemas['AuditSearch'];
type Wanted = Record<string, string | undefined>;
const KEY = ['audit-searches'];

/** As the address says it: in one order, without what is empty. */
const said = (wanted: object) => JSON.stringify(Object.entries(wanted).filter(([, value]) => value).sort(([one], [other]) => (one < other ? -1 : 1)));

export function Searches({ wanted, recall }: { wanted: Wanted; recall: (wanted: Wanted) => void }) {
    const session = useSession();
    const searches = useQuery({ queryKey: KEY, queryFn: async () => (await data(client.GET('/v1/audit/searches'))).items }).data ?? [];
    const [naming, name] = useState<Search | null>(null);
    const [leaving, leave] = useState<Search | null>(null);
    const params = ({ id, version }: Search) => ({ params: { path: { saved_search: id }, header: ifMatch(version) } });
    const change = (search: Search, body: Schemas['AuditSearchChange'], told: string) => act(KEY, () => client.PATCH('/v1/audit/searches/{saved_search}', { ...params(search), body }), told);
    const remove = (search: Search) => act(KEY, () => client.DELETE('/v1/audit/searches/{saved_search}', params(search)), t('removed'), () => client.POST('/v1/audit/searches', { body: { name: search.name, shared: search.shared, wanted: search.wanted } }));
    const now = said(wanted);
    const empty = now === '[]';
    const known = searches.some((search) => said(search.wanted) === now);
    return (
        <section aria-label={t('saved_searches')} className="stack tight">
            <h2>{t('saved_searches')}</h2>
            {searches.length === 0 && <p className="small soft">{t('no_saved_searches')}</p>}
            {searches.length > 0 && (
                <ul className="searches">
                    {searches.map((search) => {
                        const own = search.owner === session?.id;
                        return (
                            <li key={search.id} className="row">
                                <ToggleButton className="facet grow" isSelected={!empty && said(search.wanted) === now} onChange={(on) => recall(on ? (search.wanted as Wanted) : {})}>
                                    <span className="cut">{search.name}</span>
                                    {search.shared && <Badge>{t('shared')}</Badge>}
                                </ToggleButton>
                                <More label={`${t('more')}: ${search.name}`} entries={[
                                    { id: 'name', name: t('rename'), icon: 'edit', run: () => name(search) },
                                    { id: 'renew', name: t('search_renew'), off: empty || known, run: () => void change(search, { wanted: wanted as Schemas['AuditWanted'] }, t('saved')) },
                                    { id: 'share', name: search.shared ? t('search_unshare') : t('search_share'), icon: 'users', off: !own, run: () => void change(search, { shared: !search.shared }, t('saved')) },
                                    { id: 'remove', name: t('remove'), icon: 'trash', bad: true, run: () => (search.shared && !own ? leave(search) : void remove(search)) },
                                ]} />
                            </li>
                        );
                    })}
                </ul>
            )}
            <Ask button={{ icon: 'plus', children: t('save_search'), isDisabled: empty || known, wide: true }} title={t('save_search')}>
                {(close) => <Keep wanted={wanted} close={close} />}
            </Ask>
            <Window title={t('rename')} open={!!naming} onOpen={(open) => !open && name(null)}>
                {(close) => naming && (
                    <SendForm submit={t('save')} also={<Cancel />} onSend={async ({ name: called = '' }) => {
                        await client.PATCH('/v1/audit/searches/{saved_search}', { ...params(naming), body: { name: called } });
                        await queries.invalidateQueries({ queryKey: KEY });
                        close();
                    }}>
                        <Field name="name" label={t('name')} defaultValue={naming.name} isRequired maxLength={100} autoFocus />
                    </SendForm>
                )}
            </Window>
            <Confirm title={t('remove')} text={t('search_remove_text', { name: leaving?.name ?? '' })} action={t('remove')} open={!!leaving} onClose={() => leave(null)} onYes={() => leaving && remove(leaving)} />
        </section>
    );
}

function Keep({ wanted, close }: { wanted: Wanted; close: () => void }) {
    const [shared, share] = useState(false);
    return (
        <SendForm submit={t('save')} also={<Cancel />} onSend={async ({ name = '' }) => {
            await client.POST('/v1/audit/searches', { body: { name, shared, wanted: wanted as Schemas['AuditWanted'] } });
            await queries.invalidateQueries({ queryKey: KEY });
            tell(t('saved'));
            close();
        }}>
            <Field name="name" label={t('name')} isRequired maxLength={100} autoFocus />
            <Switch on={shared} onChange={share}>{t('search_shared')}</Switch>
        </SendForm>
    );
}
