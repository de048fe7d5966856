// What has changed between two days: who gained and lost what, where.
import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { client, data, send, type Schemas } from '../api/client';
import { usePeople } from '../app/people';
import { projectsQuery } from '../app/projects';
import { moment, t } from '../i18n';
import { Action, Badge, Empty, Show } from '../kit/bits';
import { Field } from '../kit/form';
import { tellError } from '../kit/toast';
import { saveText } from './csv';
import { inDays } from './in-days';
import { Listed } from './what-if';

export function Changed() {
    const { nameOf } = usePeople();
    const projects = useQuery(projectsQuery).data?.items ?? [];
    const [from, setFrom] = useState(() => inDays(-7).slice(0, 10));
    const [to, setTo] = useState('');
    const query = { ...(from && { from }), ...(to && { to }) };
    const changes = useQuery({ queryKey: ['report', 'changes', from, to], queryFn: async () => (await data(client.GET('/v1/permissions/changes', { params: { query } }))) as Schemas['PermissionChanges'] });
    const place = (project?: string | null) => (project ? t('in_project_named', { name: projects.find(({ id }) => id === project)?.title ?? project }) : t('whole_workspace'));
    const save = async () => {
        try {
            const answer = await send(`/v1/permissions/changes?${new URLSearchParams({ ...query, format: 'csv' }).toString()}`);
            saveText('permission-changes.csv', await answer.text(), 'text/csv');
        } catch (error) {
            tellError(error);
        }
    };
    return (
        <section className="card padded stack" aria-label={t('changes_title')}>
            <div className="stack tight"><h2>{t('changes_title')}</h2><p className="soft">{t('changes_intro')}</p></div>
            <div className="row wrap give">
                <Field type="date" label={t('not_before')} value={from} onChange={setFrom} />
                <Field type="date" label={t('before_day')} value={to} onChange={setTo} />
                <Action icon="download" onPress={() => void save()}>{t('export_as', { format: 'CSV' })}</Action>
            </div>
            <Show of={changes} lines={2}>
                {({ changes, since }) => (
                    <div className="stack tight">
                        <p className="small soft">{since ? t('changes_since', { when: moment(since) }) : t('changes_not_yet')}</p>
                        {changes.length === 0 && since && <Empty icon="check" title={t('changes_none')} />}
                        <ul className="lines">
                            {changes.map(({ principal, project, gained, lost }) => (
                                <li key={`${principal} ${project}`} className="stack tight effect">
                                    <p className="row wrap">
                                        <strong>{nameOf(principal)}</strong> <span className="soft">{place(project)}</span>
                                        {gained.length > 0 && <Badge tone="good">{t('n_gained', { n: gained.length })}</Badge>}
                                        {lost.length > 0 && <Badge tone="bad">{t('n_lost', { n: lost.length })}</Badge>}
                                    </p>
                                    <Listed title={t('gained')} of={gained} mark="+" />
                                    <Listed title={t('lost')} of={lost} mark="−" />
                                </li>
                            ))}
                        </ul>
                    </div>
                )}
            </Show>
        </section>
    );
}
