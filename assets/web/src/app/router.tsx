// Every address of the app. A page's code is loaded when it is gone to.
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from '@tanstack/react-router';
import type { Page } from '../generated/locale';
import { wordsOf } from '../i18n';
import { Failure } from '../kit/bits';
import { inside } from './inside';
import { queries, sessionQuery } from './queries';

/** A page whose code is loaded when it is gone to, with its words, which are named as its file is. */
const lazy = <T extends Record<string, unknown>, K extends keyof T>(words: Page, load: () => Promise<T>, name: K) =>
    lazyRouteComponent(async () => (await Promise.all([load(), wordsOf(words)]))[0] as Record<string, never>, name as string);

const root = createRootRoute({ component: Outlet });

type Place = { next?: string; tenant?: string };
const front = createRoute({
    getParentRoute: () => root, path: '/sign-in', component: lazyRouteComponent(() => import('../routes/sign-in'), 'SignIn'),
    validateSearch: ({ next, tenant }: Record<string, unknown>): Place => ({
        next: inside(next),
        tenant: typeof tenant === 'string' ? tenant : undefined,
    }),
});
const setUp = createRoute({ getParentRoute: () => root, path: '/set-up', component: lazy('set-up', () => import('../routes/set-up'), 'SetUp') });
const join = createRoute({
    getParentRoute: () => root, path: '/join', component: lazy('join', () => import('../routes/join'), 'Join'),
    validateSearch: ({ tenant }: Record<string, unknown>) => ({ tenant: typeof tenant === 'string' ? tenant : undefined }),
});
const closed = createRoute({ getParentRoute: () => root, path: '/closed', component: lazy('closed', () => import('../routes/closed'), 'Closed') });
const watch = createRoute({ getParentRoute: () => root, path: '/watch/$token', component: lazy('watch', () => import('../routes/watch'), 'Watch') });
const shown = createRoute({ getParentRoute: () => root, path: '/shown/$token', component: lazy('shown', () => import('../routes/shown'), 'Shown') });
const style = createRoute({ getParentRoute: () => root, path: '/style', component: lazy('style', () => import('../routes/style'), 'Style') });

const app = createRoute({
    getParentRoute: () => root, id: 'app', component: lazyRouteComponent(() => import('./shell'), 'Shell'),
    beforeLoad: async ({ location }) => {
        const session = await queries.ensureQueryData(sessionQuery);
        if (!session) throw redirect({ to: '/sign-in', search: location.pathname === '/' ? {} : { next: location.href } });
    },
    errorComponent: ({ error, reset }) => <Failure error={error} retry={reset} />,
});
const page = <P extends string>(path: P, words: Page, load: () => Promise<Record<string, unknown>>, name: string) =>
    createRoute({ getParentRoute: () => app, path, component: lazy(words, load, name) });

const text = (value: unknown) => (typeof value === 'string' ? value : undefined);

const home = createRoute({ getParentRoute: () => app, path: '/', component: lazy('home', () => import('../routes/home'), 'Home') });
const project = createRoute({
    getParentRoute: () => app, path: '/projects/$project', component: lazy('project', () => import('../routes/project'), 'Project'),
    validateSearch: ({ folder }: Record<string, unknown>): { folder?: string } => ({ folder: text(folder) }),
});
const recording = createRoute({
    getParentRoute: () => app, path: '/recordings/$recording', component: lazy('recording', () => import('../routes/recording'), 'Recording'),
    validateSearch: ({ at, find }: Record<string, unknown>): { at?: number; find?: string } => ({ at: typeof at === 'number' ? at : undefined, find: typeof find === 'string' ? find : undefined }),
});
const storyboard = createRoute({ getParentRoute: () => app, path: '/storyboards/$storyboard', component: lazy('editor', () => import('../editor/editor'), 'Editor') });
const find = createRoute({
    getParentRoute: () => app, path: '/search', component: lazy('search', () => import('../routes/search'), 'Search'),
    validateSearch: ({ q, kind, project, tag }: Record<string, unknown>): { q?: string; kind?: string; project?: string; tag?: string } => ({ q: text(q), kind: text(kind), project: text(project), tag: text(tag) }),
});
const audit = createRoute({
    getParentRoute: () => app, path: '/admin/audit', component: lazy('audit', () => import('../routes/audit'), 'Audit'),
    validateSearch: (search: Record<string, unknown>): Record<string, string | undefined> =>
        Object.fromEntries(['text', 'action', 'outcome', 'subject', 'actor', 'kind', 'address', 'from', 'to'].map((name) => [name, typeof search[name] === 'string' ? search[name] : undefined])),
});

const groups = createRoute({
    getParentRoute: () => app, path: '/admin/groups', component: lazy('groups', () => import('../routes/groups'), 'Groups'),
    validateSearch: ({ group }: Record<string, unknown>): { group?: string } => ({ group: text(group) }),
});
const kits = createRoute({
    getParentRoute: () => app, path: '/brand-kits', component: lazy('brand-kits', () => import('../routes/brand-kits'), 'BrandKits'),
    validateSearch: ({ kit }: Record<string, unknown>): { kit?: string } => ({ kit: text(kit) }),
});
const glossaries = createRoute({
    getParentRoute: () => app, path: '/glossaries', component: lazy('glossaries', () => import('../routes/glossaries'), 'Glossaries'),
    validateSearch: ({ glossary }: Record<string, unknown>): { glossary?: string } => ({ glossary: text(glossary) }),
});
const jobs = createRoute({
    getParentRoute: () => app, path: '/jobs', component: lazy('jobs', () => import('../routes/jobs'), 'Jobs'),
    validateSearch: ({ state }: Record<string, unknown>): { state?: string } => ({ state: text(state) }),
});

const choices = (set: unknown): Record<string, string> | undefined => (set !== null && typeof set === 'object' ? Object.fromEntries(Object.entries(set).filter(([, value]) => typeof value === 'string')) : undefined);
const dashboard = createRoute({
    getParentRoute: () => app, path: '/dashboards/$dashboard', component: lazy('board', () => import('../boards/board'), 'Board'),
    validateSearch: ({ range, set, every, edit }: Record<string, unknown>): { range?: string; set?: Record<string, string>; every?: number; edit?: boolean } => ({
        range: text(range),
        set: choices(set),
        every: typeof every === 'number' && (every === 0 || every >= 5) ? every : undefined,
        edit: edit === true ? true : undefined,
    }),
});

const reports = createRoute({
    getParentRoute: () => app, path: '/reports', component: lazy('reports', () => import('../routes/reports'), 'Reports'),
    validateSearch: ({ dashboard, set }: Record<string, unknown>): { dashboard?: string; set?: Record<string, string> } => ({ dashboard: text(dashboard), set: choices(set) }),
});
const report = createRoute({ getParentRoute: () => app, path: '/reports/$report', component: lazy('reports', () => import('../routes/reports'), 'Report') });

const review = createRoute({ getParentRoute: () => app, path: '/admin/reviews/$review', component: lazy('review', () => import('../routes/review'), 'Review') });

const alert = createRoute({ getParentRoute: () => app, path: '/alerts/$alert', component: lazy('alerts', () => import('../routes/alerts'), 'AlertPage') });

const tree = root.addChildren([
    front, setUp, join, closed, watch, shown, style,
    app.addChildren([
        home, project, recording, storyboard, find, audit, groups, kits, glossaries, jobs, dashboard,
        reports, report, review, alert,
        page('/alerts', 'alerts', () => import('../routes/alerts'), 'Alerts'),
        page('/inbox', 'inbox', () => import('../routes/inbox'), 'Inbox'),
        page('/dashboards', 'dashboards', () => import('../routes/dashboards'), 'Dashboards'),
        page('/links', 'links', () => import('../routes/links'), 'ViewLinks'),
        page('/trash', 'trash', () => import('../routes/trash'), 'Trash'),
        page('/settings', 'settings', () => import('../routes/settings'), 'Settings'),
        page('/admin/members', 'members', () => import('../routes/members'), 'Members'),
        page('/admin/roles', 'roles', () => import('../routes/roles'), 'Roles'),
        page('/admin/reviews', 'reviews', () => import('../routes/reviews'), 'Reviews'),
        page('/admin/security', 'security', () => import('../routes/security'), 'Security'),
        page('/admin/api-keys', 'api-keys', () => import('../routes/api-keys'), 'ApiKeys'),
        page('/admin/connectors', 'connectors', () => import('../routes/connectors'), 'Connectors'),
        page('/admin/prices', 'prices', () => import('../routes/prices'), 'Prices'),
        page('/admin/workspace', 'workspace', () => import('../routes/workspace'), 'Workspace'),
        page('/system/tenants', 'tenants', () => import('../routes/tenants'), 'Tenants'),
        page('/system/set-up', 'first-run', () => import('../routes/first-run/first-run'), 'FirstRun'),
        page('/system/tenants/$tenant', 'tenant', () => import('../routes/tenant'), 'TenantPage'),
        page('/system/operators', 'operators', () => import('../routes/operators'), 'Operators'),
        page('/system/backups', 'backups', () => import('../routes/backups'), 'Backups'),
        page('/system/health', 'health', () => import('../routes/health'), 'Health'),
        page('/$', 'missing', () => import('../routes/missing'), 'Missing'),
    ]),
]);

export const router = createRouter({ routeTree: tree, defaultPreload: 'intent', scrollRestoration: true });

declare module '@tanstack/react-router' {
    interface Register {
        router: typeof router;
    }
}
