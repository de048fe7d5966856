// The frame around every page of who is signed in: where one can go, where one is, and what is going on.
import { lazy, Suspense, useEffect, useState, useSyncExternalStore, type ReactNode } from 'react';
import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useLocation, useNavigate } from '@tanstack/react-router';
import { client, confirmBy, data } from '../api/client';
import { number, t } from '../i18n';
import { Action } from '../kit/bits';
import { Icon, type IconName } from '../kit/icon';
import { appearance } from './appearance';
import { keysOf } from './keys';
import { selfQuery, signedInAnew, useSession, type Session } from './queries';
import { visited } from './recent';

// Loaded when first asked for: half of the components that it needs nobody needs before.
const Palette = lazy(() => import('./palette').then(({ Palette }) => ({ default: Palette })));
const Account = lazy(() => import('./account').then(({ Account }) => ({ default: Account })));
const Workspaces = lazy(() => import('./workspaces').then(({ Workspaces }) => ({ default: Workspaces })));
const StepUp = lazy(() => import('./step-up').then(({ StepUp }) => ({ default: StepUp })));
const Shortcuts = lazy(() => import('./shortcuts').then(({ Shortcuts }) => ({ default: Shortcuts })));
const NewPassword = lazy(() => import('../routes/sign-in-steps').then(({ NewPassword }) => ({ default: NewPassword })));

type Target = '/' | '/jobs' | '/dashboards' | '/reports' | '/alerts' | '/inbox' | '/brand-kits' | '/glossaries' | '/links' | '/trash' | '/admin/members' | '/admin/groups' | '/admin/security' | '/system/backups' | '/admin/roles' | '/admin/reviews' | '/admin/api-keys' | '/admin/audit' | '/admin/connectors' | '/admin/prices' | '/admin/workspace' | '/system/tenants' | '/system/operators' | '/system/health' | '/settings' | '/style';
export type Goal = { to: Target; name: string; icon: IconName; needs?: string; keys?: string };
export type Region = { title: string; goals: Goal[] };

/** Where the one who is signed in can go. */
export function useRegions(): Region[] {
    const session = useSession();
    if (!session || session.locked) return [];
    const regions: Region[] = [
        {
            title: t('nav_work'),
            goals: [
                { to: '/', name: t('nav_projects'), icon: 'folder', needs: 'project:read', keys: 'G P' },
                { to: '/jobs', name: t('nav_jobs'), icon: 'jobs', needs: 'render:read', keys: 'G J' },
                { to: '/dashboards', name: t('nav_dashboards'), icon: 'chart', needs: 'dashboard:read', keys: 'G D' },
                { to: '/reports', name: t('nav_reports'), icon: 'list', needs: 'report:read', keys: 'G R' },
                { to: '/alerts', name: t('nav_alerts'), icon: 'alert', needs: 'report:read' },
                { to: '/inbox', name: t('nav_inbox'), icon: 'mail' },
                { to: '/brand-kits', name: t('nav_brand_kits'), icon: 'palette', needs: 'template:read' },
                { to: '/glossaries', name: t('nav_glossaries'), icon: 'book', needs: 'template:read' },
                { to: '/links', name: t('nav_links'), icon: 'link', needs: 'project:share' },
                { to: '/trash', name: t('nav_trash'), icon: 'trash', needs: 'project:read' },
            ],
        },
        {
            title: t('nav_admin'),
            goals: [
                { to: '/admin/members', name: t('nav_members'), icon: 'users', needs: 'member:read', keys: 'G M' },
                { to: '/admin/groups', name: t('nav_groups'), icon: 'group', needs: 'group:read' },
                { to: '/admin/roles', name: t('nav_roles'), icon: 'shield', needs: 'role:read' },
                { to: '/admin/reviews', name: t('nav_reviews'), icon: 'check', needs: 'role:read' },
                { to: '/admin/security', name: t('nav_security'), icon: 'lock', needs: 'authpolicy:read' },
                { to: '/admin/api-keys', name: t('nav_api_keys'), icon: 'key', needs: 'apikey:read' },
                { to: '/admin/audit', name: t('nav_audit'), icon: 'list', needs: 'audit:read', keys: 'G A' },
                { to: '/admin/connectors', name: t('nav_connectors'), icon: 'upload', needs: 'connector:read' },
                { to: '/admin/prices', name: t('nav_prices'), icon: 'gauge', needs: 'cost:read' },
                { to: '/admin/workspace', name: t('nav_workspace'), icon: 'gear', needs: 'tenant:read' },
            ],
        },
        {
            title: t('nav_system'),
            goals: [
                { to: '/system/tenants', name: t('nav_tenants'), icon: 'building', needs: 'system:read', keys: 'G T' },
                { to: '/system/operators', name: t('nav_operators'), icon: 'users', needs: 'system:read' },
                { to: '/system/backups', name: t('backups'), icon: 'download', needs: 'system:backup' },
                { to: '/system/health', name: t('nav_health'), icon: 'heart', needs: 'system:read' },
            ],
        },
    ];
    // Operators run the appliance; the work is that of others.
    return (session.operator ? regions.slice(-1) : regions).map(({ title, goals }) => ({ title, goals: goals.filter(({ needs }) => !needs || session.can(needs)) })).filter(({ goals }) => goals.length > 0);
}

export function Shell() {
    const session = useSession();
    const regions = useRegions();
    const navigate = useNavigate();
    const [palette, setPalette] = useState(false);
    const [sheet, setSheet] = useState(false);
    const [account, setAccount] = useState(false);
    const [switching, setSwitching] = useState(false);
    const [unfolded, unfold] = useState(false);
    const [asking, ask] = useState<((shown: boolean) => void) | null>(null);
    const tenant = useQuery({ queryKey: ['tenant'], queryFn: () => data(client.GET('/v1/tenant')), enabled: session?.can('tenant:read') ?? false });
    const self = useQuery({ ...selfQuery, enabled: !!session && !session.locked });
    // One of them is enough: what counts is how much of all is not read.
    const told = useQuery({ queryKey: ['inbox', 'unread'], queryFn: () => data(client.GET('/v1/notifications', { params: { query: { limit: 1 } } })), refetchInterval: 60_000, enabled: !!session && !session.locked });
    const unread = told.data?.unread ?? 0;

    useEffect(() => {
        if (!session) void navigate({ to: '/sign-in', search: { next: location.pathname + location.search } });
        else void goOn(session);
    }, [session, navigate]);
    useEffect(() => {
        confirmBy(() => new Promise((told) => ask(() => told)));
    }, []);
    // What another window has gone away from is gone back to before a picture or a sound is asked for.
    useEffect(() => {
        const back = () => void (document.visibilityState === 'visible' && client.GET('/v1/session').catch(() => {}));
        document.addEventListener('visibilitychange', back);
        return () => document.removeEventListener('visibilitychange', back);
    }, []);
    // Nothing is open before the second factor that the workspace asks for.
    const pathname = useLocation({ select: (at) => at.pathname });
    useEffect(() => {
        if (session?.locked && pathname !== '/settings') void navigate({ to: '/settings' });
    }, [session, pathname, navigate]);
    useGoKeys(regions, () => setPalette(true), () => setSheet(true));

    if (session?.over) return <Suspense><NewPassword then={signedInAnew} /></Suspense>;

    const name = self.data?.name ?? t('account');
    const closed = (
        <Action look="quiet" icon="gear" wide aria-haspopup="menu" onHoverStart={() => void import('./account')} onFocus={() => void import('./account')} onPress={() => setAccount(true)}>
            <span className="cut grow row">{name}</span>
        </Action>
    );
    const folded = <Action look="quiet" icon="switch" aria-label={t('switch_workspace')} aria-haspopup="menu" onHoverStart={() => void import('./workspaces')} onFocus={() => void import('./workspaces')} onPress={() => setSwitching(true)} />;
    return (
        <div className={pathname.startsWith('/storyboards/') ? 'shell slim' : 'shell'}>
            <a className="skip" href="#main">{t('skip')}</a>
            <nav className={unfolded ? 'side unfolded' : 'side'} aria-label={t('nav')} onClick={(event) => (event.target as HTMLElement).closest('a') && unfold(false)}>
                <div className="brand">
                    <Link to="/" className="brand-link">
                        <img src="/icon.svg" alt="" width="26" height="26" />
                        <span className="cut">{session?.operator ? t('appliance') : (tenant.data?.name ?? 'Audiagram')}</span>
                    </Link>
                    {switching ? <Suspense fallback={folded}><Workspaces /></Suspense> : folded}
                </div>
                <span className="fold"><Action look="quiet" icon={unfolded ? 'close' : 'menu'} aria-label={t('nav')} aria-expanded={unfolded} onPress={() => unfold(!unfolded)} /></span>
                <Action icon="search" wide onPress={() => setPalette(true)}>
                    <span className="grow row">{t('find')}</span> <kbd>{keysOf('Mod+K')}</kbd>
                </Action>
                {regions.map(({ title, goals }) => (
                    <div key={title} className="region">
                        <h2>{title}</h2>
                        {goals.map(({ to, name, icon }) => (
                            <Link key={to} to={to} className="nav" activeProps={{ 'aria-current': 'page' }} activeOptions={{ exact: to === '/' }}>
                                <Icon name={icon} />
                                {name}
                                {to === '/inbox' && unread > 0 && <span className="badge accent count"><span aria-hidden>{number(unread)}</span><span className="hidden">{t('inbox_count', { n: unread })}</span></span>}
                            </Link>
                        ))}
                    </div>
                ))}
                <div className="last">
                    {account ? (
                        <Suspense fallback={closed}><Account name={name} help={() => setSheet(true)} /></Suspense>
                    ) : closed}
                </div>
            </nav>
            <div className="page">
                <Offline />
                <Outlet />
            </div>
            <Suspense>
                {palette && <Palette open onOpen={setPalette} regions={regions} help={() => setSheet(true)} />}
                {asking && <StepUp told={(shown) => (asking(shown), ask(null))} />}
                {sheet && <Shortcuts open onOpen={setSheet} regions={regions} />}
            </Suspense>
        </div>
    );
}

/** Uploads and edits of an earlier visit go on. Whoever has left none in this browser has no store of them, and needs no code for it. */
async function goOn(session: Session) {
    const stores = await indexedDB.databases?.().catch(() => undefined);
    const has = (store: string) => !stores || stores.some(({ name }) => name === store);
    if (has('audiagram')) await (await import('./arrivals')).resume();
    if (has('audiagram-edits') && !session.operator) await (await import('../editor/unsent')).resume(session);
}

/** Control (or Command) with K finds; `G` and a letter go somewhere, `?` shows what else there is, where one has not switched keys of one letter
 * off. Not while one writes. */
function useGoKeys(regions: Region[], find: () => void, help: () => void) {
    const navigate = useNavigate();
    useEffect(() => {
        let waiting = 0;
        const press = (event: KeyboardEvent) => {
            if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === 'k') return event.preventDefault(), find();
            const target = event.target as HTMLElement;
            if (!appearance.now().singleKeys || event.metaKey || event.ctrlKey || event.altKey || target.closest('input, textarea, select, [contenteditable], [role=dialog]')) return;
            if (event.key === '?') return help();
            if (event.key === '/') return event.preventDefault(), find();
            const now = performance.now();
            if (event.key.toLowerCase() === 'g') return void (waiting = now);
            if (now - waiting > 1_200) return;
            waiting = -Infinity;
            const goal = regions.flatMap(({ goals }) => goals).find(({ keys }) => keys?.toLowerCase() === `g ${event.key.toLowerCase()}`);
            if (goal) void navigate({ to: goal.to });
        };
        addEventListener('keydown', press);
        return () => removeEventListener('keydown', press);
    }, [regions, find, help, navigate]);
}

const network = (listener: () => void) => {
    addEventListener('online', listener);
    addEventListener('offline', listener);
    return () => (removeEventListener('online', listener), removeEventListener('offline', listener));
};
function Offline() {
    const online = useSyncExternalStore(network, () => navigator.onLine);
    return online ? null : <p className="offline" role="status">{t('offline')}</p>;
}

export type Crumb = { name: string; to?: string; search?: Record<string, string> };

/** A page: where one is, what can be done here, and the thing itself. */
export function Page({ crumbs, actions, full, title, intro, children }: { crumbs: Crumb[]; actions?: ReactNode; full?: boolean | 'flush'; title?: string; intro?: string; children: ReactNode }) {
    const last = crumbs[crumbs.length - 1]?.name ?? '';
    const user = useSession()?.id;
    const within = crumbs.filter(({ to }) => to).pop()?.name;
    useEffect(() => {
        document.title = last ? `${last} – Audiagram` : 'Audiagram';
        // What is within something else is found again by its name.
        if (user && within && last !== '…') visited(user, { path: location.pathname, name: last, within });
    }, [last, user, within]);
    return (
        <>
            <header className="bar">
                <nav className="grow" aria-label={t('crumbs')}>
                    <ol className="crumbs">
                        {crumbs.map(({ name, to, search }, i) => (
                            <li key={i}>
                                {i > 0 && <Icon name="next" />}
                                {to ? <Link to={to} search={search as never} activeOptions={{ exact: true }} className="cut">{name}</Link> : <span aria-current="page" className="cut">{name}</span>}
                            </li>
                        ))}
                    </ol>
                </nav>
                {actions}
            </header>
            <main id="main" className={full === 'flush' ? 'body full flush' : full ? 'body full' : 'body'} tabIndex={-1}>
                {title && (
                    <div className="head">
                        <div>
                            <h1>{title}</h1>
                            {intro && <p className="soft">{intro}</p>}
                        </div>
                    </div>
                )}
                {children}
            </main>
        </>
    );
}
