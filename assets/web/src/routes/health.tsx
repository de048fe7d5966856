// How the appliance is: ready or not and why, its keys, its long work.
import { useQuery } from '@tanstack/react-query';
import { client, data, Problem, type Schemas } from '../api/client';
import { useLive } from '../api/live';
import { Page } from '../app/shell';
import { t } from '../i18n';
import { Notice, Show } from '../kit/bits';
import { ApplianceKeys } from './appliance-keys';
import { Errands } from './errands';
import { Figures, type Numbers } from './metrics';

async function readiness(): Promise<Schemas['Health']> {
    try {
        return await data(client.GET('/readyz'));
    } catch (error) {
        if (error instanceof Problem && error.document.status === 503) return { status: 'unready', reasons: [{ code: error.code, detail: error.message }] };
        throw error;
    }
}

export function Health() {
    const ready = useQuery({ queryKey: ['ready'], queryFn: readiness, refetchInterval: 5_000 });
    const metrics = useLive<Numbers>('/v1/appliance/live');
    return (
        <Page crumbs={[{ name: t('nav_system') }, { name: t('nav_health') }]} title={t('nav_health')} intro={t('health_intro')}>
            <Show of={ready} lines={1}>
                {({ status, reasons }) => {
                    const well = status === 'ok' || status === 'ready';
                    return (
                        <Notice tone={well ? 'good' : 'bad'} icon={well ? 'check' : 'alert'}>
                            <strong>{well ? t('ready') : t('not_ready')}</strong>
                            {reasons?.map((reason) => <p key={reason.code} className="small">{reason.detail || reason.code}</p>)}
                        </Notice>
                    );
                }}
            </Show>
            {metrics && <Figures now={metrics} />}
            <ApplianceKeys />
            <Errands />
        </Page>
    );
}
