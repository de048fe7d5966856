// The workspace's own settings, what it uses of its plan, and its end.
import { lazy, Suspense, useEffect, useState } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { client, data, ifMatch, type Schemas } from '../api/client';
import { useLive } from '../api/live';
import { Guard } from '../kit/leaving';
import { useSession } from '../app/queries';
import { Page } from '../app/shell';
import { bytes, number, t, tOr } from '../i18n';
import { Badge, Meter, Show, Skeleton } from '../kit/bits';
import { Pick } from '../kit/choose';
import { Field, SendForm } from '../kit/form';
import { LOOKS, Spark } from '../kit/spark';
import { tell } from '../kit/toast';

// Only owners come for it, and seldom.
const End = lazy(() => import('./workspace-end').then(({ End }) => ({ default: End })));

type Used = Schemas['UsageNow'];

export function Workspace() {
    const session = useSession();
    const tenant = useQuery({ queryKey: ['tenant'], queryFn: () => data(client.GET('/v1/tenant')) });
    const usage = useQuery({ queryKey: ['usage'], queryFn: () => data(client.GET('/v1/tenant/usage')) });
    const live = useLive<Used>('/v1/tenant/usage/live');
    return (
        <Page crumbs={[{ name: t('nav_admin') }, { name: t('nav_workspace') }]} title={t('nav_workspace')} intro={t('workspace_intro')}>
            <Show of={tenant}>{(tenant) => <Settings key={tenant.version} tenant={tenant} />}</Show>
            <section className="card padded stack">
                <h2>{t('limits')}</h2>
                <Show of={usage}>{({ limits }) => (
                    <dl className="limits">
                        {(live?.usage.limits ?? limits).map((limit) => <Limit key={limit.name} limit={limit} />)}
                        {live && <Live name={t('usage_jobs')} now={live} of={({ jobs }) => jobs} />}
                        {live && <Live name={t('usage_events')} now={live} of={({ events }) => events} />}
                    </dl>
                )}</Show>
            </section>
            {tenant.data && (session?.can('tenant:export') || session?.can('tenant:delete')) && <Suspense fallback={<Skeleton />}><End tenant={tenant.data} /></Suspense>}
        </Page>
    );
}

function Live({ name, now, of }: { name: string; now: Used; of: (used: Used) => number }) {
    const [looks, setLooks] = useState<number[]>([]);
    useEffect(() => setLooks((before) => [...before.slice(1 - LOOKS), of(now)]), [now]);
    return <div><dt>{name}</dt><dd className="num">{number(of(now))}</dd><dd>{looks.length > 0 && <Spark values={looks} say={number} />}</dd></div>;
}

const show = (name: string, n: number) => (name.includes('bytes') ? bytes(n) : number(n));
function Limit({ limit: { name, allowed, used } }: { limit: Schemas['LimitUse'] }) {
    const share = used == null || allowed === 0 ? null : used / allowed;
    const title = tOr(`limit_${name}`, name.replaceAll('_', ' '));
    return (
        <div>
            <dt>{title}</dt>
            <dd className="num">{used == null ? show(name, allowed) : t('used_of', { used: show(name, used), allowed: show(name, allowed) })}</dd>
            {share !== null && <dd><Meter share={share} label={title} tone={share > 0.95 ? 'bad' : share > 0.8 ? 'warn' : 'plain'} /></dd>}
        </div>
    );
}

const CLASSES = ['public', 'internal', 'confidential', 'secret', 'restricted'] as const;
function Settings({ tenant }: { tenant: Schemas['Tenant'] }) {
    const session = useSession();
    const queries = useQueryClient();
    const { settings } = tenant;
    return (
        <section className="card padded stack">
            <div className="row apart"><h2>{tenant.name}</h2><span className="row"><Badge>{tenant.slug}</Badge><Badge tone="accent">{tOr(`plan_${tenant.plan}`, tenant.plan)}</Badge></span></div>
            <SendForm submit={t('save')} onSend={async ({ name = '', theme = '', classification = '', trash_days = '', recording_days = '', usage_days = '', report_days = '', language_model }) => {
                const body = { name, theme, classification: classification as (typeof CLASSES)[number], trash_days: Number(trash_days), recording_days: recording_days ? Number(recording_days) : null, usage_days: usage_days ? Number(usage_days) : null, report_days: Number(report_days), language_model: language_model ? language_model === 'on' : undefined };
                await client.PATCH('/v1/tenant', { params: { header: ifMatch(tenant.version) }, body });
                await queries.invalidateQueries();
                tell(t('saved'));
            }}>
                <Guard />
                <fieldset className="grid bare" disabled={!session?.can('tenant:update')}>
                    <Field name="name" label={t('name')} defaultValue={tenant.name} isRequired maxLength={100} />
                    <Pick name="theme" label={t('video_theme')} initial={settings.theme} choices={['light', 'dark'].map((id) => ({ id, name: tOr(`theme_${id}`, id) }))} />
                    <Pick name="classification" label={t('classification')} initial={settings.classification} choices={CLASSES.map((id) => ({ id, name: tOr(`class_${id}`, id) }))} />
                    <Field name="trash_days" label={t('trash_days')} inputMode="numeric" defaultValue={String(settings.trash_days)} isRequired />
                    <Field name="recording_days" label={t('recording_days')} hint={t('recording_days_hint')} inputMode="numeric" defaultValue={settings.recording_days == null ? '' : String(settings.recording_days)} />
                    <Field name="usage_days" label={t('usage_days')} hint={t('usage_days_hint')} inputMode="numeric" defaultValue={settings.usage_days == null ? '' : String(settings.usage_days)} />
                    <Field name="report_days" label={t('report_days')} hint={t('report_days_hint')} inputMode="numeric" defaultValue={String(settings.report_days)} isRequired />
                    {tenant.language_model && (
                        <Pick
                            name="language_model" label={t('language_model', { name: tenant.language_model })} hint={t('language_model_hint')} initial={settings.language_model ? 'on' : 'off'}
                            choices={(['off', 'on'] as const).map((id) => ({ id, name: t(`language_model_${id}`) }))}
                        />
                    )}
                </fieldset>
            </SendForm>
        </section>
    );
}
