// The appliance as its operators see it: how it is, what the doctor finds, certificates, settings, capacity, jobs, the log, and what it is
// made of.
import { lazy, Suspense } from 'react';
import { useQuery } from '@tanstack/react-query';
import { Link, useLocation } from '@tanstack/react-router';
import { client, data, Problem, type Schemas } from '../api/client';
import { useLive } from '../api/live';
import { useSession } from '../app/queries';
import { Page } from '../app/shell';
import { t } from '../i18n';
import { Notice, Show, Skeleton } from '../kit/bits';
import { ApplianceKeys } from './appliance-keys';
import './appliance/appliance.css';
import { Errands } from './errands';
import { Figures } from './metrics';

const Doctor = lazy(() => import('./appliance/doctor').then(({ Doctor }) => ({ default: Doctor })));
const Certificates = lazy(() => import('./appliance/certificates').then(({ Certificates }) => ({ default: Certificates })));
const Configuration = lazy(() => import('./appliance/configuration').then(({ Configuration }) => ({ default: Configuration })));
const Capacity = lazy(() => import('./appliance/capacity').then(({ Capacity }) => ({ default: Capacity })));
const Fleet = lazy(() => import('./appliance/fleet').then(({ Fleet }) => ({ default: Fleet })));
const History = lazy(() => import('./history').then(({ History }) => ({ default: History })));
const Log = lazy(() => import('./appliance/log').then(({ Log }) => ({ default: Log })));
const Bundle = lazy(() => import('./appliance/bundle').then(({ Bundle }) => ({ default: Bundle })));
const About = lazy(() => import('./appliance/about').then(({ About }) => ({ default: About })));

async function readiness(): Promise<Schemas['Health']> {
    try {
        return await data(client.GET('/readyz'));
    } catch (error) {
        if (error instanceof Problem && error.document.status === 503) return { status: 'unready', reasons: [{ code: error.code, detail: error.message }] };
        throw error;
    }
}

/** Which part is looked at stands behind the `#` of the address. */
export function Health() {
    const session = useSession();
    const hash = useLocation({ select: (at) => at.hash });
    const parts = [
        { id: 'health', name: t('operation_health'), shown: <State /> },
        { id: 'doctor', name: t('doctor'), shown: <Doctor /> },
        { id: 'capacity', name: t('capacity'), shown: <Capacity /> },
        { id: 'jobs', name: t('nav_jobs'), shown: <Fleet /> },
        { id: 'certificates', name: t('certificates'), shown: <Certificates /> },
        { id: 'configuration', name: t('configuration'), shown: <Configuration /> },
        { id: 'log', name: t('log'), shown: <Log /> },
        ...(session?.can('system:support_bundle') ? [{ id: 'bundle', name: t('bundle'), shown: <Bundle /> }] : []),
        { id: 'about', name: t('about'), shown: <About /> },
    ];
    const chosen = parts.find(({ id }) => id === hash) ?? parts[0];
    return (
        <Page crumbs={[{ name: t('nav_system') }, { name: t('nav_health') }]} title={t('nav_health')} intro={t('health_intro')}>
            <nav className="tab-list many" aria-label={t('nav_health')}>
                {parts.map(({ id, name }) => (
                    <Link key={id} to="/system/health" hash={id} replace resetScroll={false} activeOptions={{ exact: true, includeHash: true }} className="tab" data-selected={id === chosen?.id || undefined} aria-current={id === chosen?.id ? 'true' : undefined}>{name}</Link>
                ))}
            </nav>
            <Suspense key={chosen?.id} fallback={<Skeleton lines={6} />}>{chosen?.shown}</Suspense>
        </Page>
    );
}

function State() {
    const ready = useQuery({ queryKey: ['ready'], queryFn: readiness, refetchInterval: 5_000 });
    const metrics = useLive<Schemas['SystemNow']>('/v1/appliance/live');
    return (
        <>
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
            <Suspense fallback={<Skeleton lines={8} />}><History /></Suspense>
            <ApplianceKeys />
            <Errands />
        </>
    );
}
