// Links that show a dashboard to people without an account, and to pages that hold it in a frame.
import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { projectsQuery } from '../app/projects';
import { t } from '../i18n';
import { Pick } from '../kit/choose';
import { Field } from '../kit/form';
import { Window } from '../kit/overlay';
import { Links } from '../routes/share';
import type { Dashboard, View } from './data';

export function ShareBoard({ dashboard: { id, board }, view, close }: { dashboard: Dashboard; view: View; close: () => void }) {
    const projects = useQuery(projectsQuery).data?.items ?? [];
    const [free, setFree] = useState('nothing');
    const [project, setProject] = useState('');
    const showing = (origins: string) => ({
        range: view.range, free_range: free !== 'nothing', variables: view.set ?? {},
        free: free === 'all' ? (board.variables ?? []).map(({ name }) => name) : [],
        projects: project ? [project] : [], origins: origins.split(/[\s,]+/).filter(Boolean).map((origin) => origin.replace(/\/$/, '').toLowerCase()),
    });
    return (
        <Window title={t('share')} open onOpen={close} large>
            <Links subject={id} page="shown" body={({ origins = '' }) => ({ dashboard: showing(origins) })}>
                <p className="soft small">{t('board_share_hint')}</p>
                <Pick label={t('board_free')} value={free} onChange={setFree} choices={[
                    { id: 'nothing', name: t('board_free_nothing') }, { id: 'range', name: t('time_range') },
                    ...(board.variables?.length ? [{ id: 'all', name: t('board_free_all') }] : []),
                ]} />
                {projects.length > 0 && <Pick label={t('board_rows')} value={project} onChange={setProject} choices={[{ id: '', name: t('board_rows_all') }, ...projects.map(({ id, title }) => ({ id, name: title }))]} />}
                <Field name="origins" label={t('board_origins')} hint={t('board_origins_hint')} autoComplete="off" />
            </Links>
        </Window>
    );
}
