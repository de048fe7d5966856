// Every address of the page, with what has to be made before some of them show anything.
//
//   ROUTES=home,editor node e2e/run.mjs PROGRAM every_      these alone
import { person, settled } from './browser.mjs';
import { ask } from './workspaces.mjs';

const only = process.env.ROUTES?.split(',');
const wanted = (routes) => (only ? Object.fromEntries(Object.entries(routes).filter(([name]) => only.includes(name))) : routes);

/** What single pages are about: made once, by the API. */
async function made(world) {
    if (world.made) return world.made;
    const ada = await person(world, { as: 'ada' });
    const post = (path, body) => ask(world, ada, 'POST', path, body);
    const { project, id: recording } = await ask(world, ada, 'GET', `/v1/recordings/${world.recording.split('/').pop()}`);
    const [video] = (await ask(world, ada, 'GET', `/v1/videos?recording=${recording}&limit=1`)).items;
    const report = await post('/v1/reports', { title: 'Every month', description: 'What was used', period: 'last_month', zone: 'UTC', language: 'en', dashboard: 'usage' });
    await post(`/v1/reports/${report.id}/runs`);
    await post(`/v1/reports/${report.id}/schedules`, { cadence: { daily: { at: '06:00' } } });
    const alert = await post('/v1/alerts', { alert: { title: 'Too many events', description: 'Ask who sends them.', question: { sql: 'SELECT count(*) AS n FROM usage' }, rule: { threshold: { side: 'above', bound: 1e9 } }, window_minutes: 60, every_minutes: 1440, for_minutes: 0, quiet_minutes: 1440, repeats: false } });
    const board = await post('/v1/dashboards', { title: 'Shown to others', range: '30d', tiles: [{ id: 'a', x: 0, y: 0, w: 6, h: 3, chart: { type: 'bar', title: 'Rows by day', query: { pick: { table: 'usage', measures: [{ aggregate: 'count' }], by: { column: 'at', step: 'day' }, time: 'at' } } } }] });
    const expires = new Date(Date.now() + 6 * 86_400_000).toISOString();
    const watched = await post(`/v1/subjects/${video.id}/view-links`, { note: 'For all looks' });
    const shown = await post(`/v1/subjects/${board.id}/view-links`, { note: 'For all looks', expires, dashboard: { free_range: true } });
    await ada.close();
    world.made = { project: `/projects/${project}`, report: `/reports/${report.id}`, alert: `/alerts/${alert.id}`, watch: `/watch/${watched.token}`, shown: `/shown/${shown.token}` };
    return world.made;
}

export const routesOf = async (world) => {
    const { project, report, alert } = await made(world);
    return wanted({
        home: '/', project, report, alert, jobs: '/jobs', trash: '/trash', links: '/links', search: '/search?q=order', settings: '/settings', members: '/admin/members', roles: '/admin/roles',
        dashboards: '/dashboards', reports: '/reports', alerts: '/alerts', inbox: '/inbox', usage: '/dashboards/usage', adoption: '/dashboards/adoption', rendering: '/dashboards/rendering', trail: '/dashboards/security',
        groups: '/admin/groups', security: '/admin/security', 'brand-kits': '/brand-kits', glossaries: '/glossaries',
        reviews: '/admin/reviews', ...(world.review && { review: world.review }), keys: '/admin/api-keys', audit: '/admin/audit', connectors: '/admin/connectors', prices: '/admin/prices', workspace: '/admin/workspace', style: '/style', missing: '/nowhere', recording: world.recording, editor: world.storyboard,
    });
};
export const SYSTEM = wanted({ tenants: '/system/tenants', 'first-run': '/system/set-up', operators: '/system/operators', backups: '/system/backups', health: '/system/health' });

/** One comes to it by closing a workspace, which is what it tells of. */
const CLOSED = { name: 'Old workspace', slug: 'old', erase_from: '2027-01-01T00:00:00Z', public_key: 'ab'.repeat(32) };
export const frontOf = async (world) => {
    const { watch, shown } = await made(world);
    return wanted({ 'sign-in': '/sign-in', 'set-up': '/set-up', join: '/join', watch, shown, closed: { path: '/closed', state: { closed: CLOSED } } });
};

/** Goes to a place, as it is kept in the history of the browser where it has more than an address. */
export async function goTo(world, page, place) {
    if (typeof place === 'string') await page.goto(world.base + place);
    else {
        await page.goto(`${world.base}/sign-in`);
        await page.evaluate(({ path, state }) => history.replaceState({ ...history.state, ...state }, '', path), place);
        await page.reload();
    }
    await settled(page);
}
