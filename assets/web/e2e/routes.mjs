// What holds on every page: no violation of accessibility in any look, sizes and times within the bars, nothing untranslated or cut off.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { OUT, person, settled, violations, WIDE } from './browser.mjs';

const packed = new URL('../packed/', import.meta.url);
const kilobytes = (path) => {
    const name = path.replace(/^\//, '').replaceAll('/', '_');
    for (const suffix of ['.br', '']) {
        try {
            return readFileSync(new URL(name + suffix, packed)).length / 1000;
        } catch {
            continue;
        }
    }
    throw new Error(`${path} is not in packed/: the program holds another page than the one that was built last`);
};
const routesOf = (world) => ({
    home: '/', jobs: '/jobs', trash: '/trash', links: '/links', search: '/search?q=order', settings: '/settings', members: '/admin/members', roles: '/admin/roles',
    dashboards: '/dashboards', reports: '/reports', alerts: '/alerts', inbox: '/inbox', usage: '/dashboards/usage', adoption: '/dashboards/adoption', rendering: '/dashboards/rendering', trail: '/dashboards/security',
    groups: '/admin/groups', security: '/admin/security', 'brand-kits': '/brand-kits', glossaries: '/glossaries',
    reviews: '/admin/reviews', review: world.review, keys: '/admin/api-keys', audit: '/admin/audit', connectors: '/admin/connectors', prices: '/admin/prices', workspace: '/admin/workspace', style: '/style', missing: '/nowhere', recording: world.recording, editor: world.storyboard,
});
// With the charts' own chunk, which is loaded with the first chart.
const BARS = { editor: 200, usage: 320, adoption: 320, rendering: 320, trail: 320 };
const SYSTEM = { tenants: '/system/tenants', 'first-run': '/system/set-up', operators: '/system/operators', backups: '/system/backups', health: '/system/health' };
const FRONT = { 'sign-in': '/sign-in', 'set-up': '/set-up', join: '/join' };
const HALF = { width: WIDE.width / 2, height: WIDE.height / 2 };
// Each look is put on in place, as a person would, but for the language, which is chosen before.
const LOOKS = { light: { colorScheme: 'light' }, dark: { colorScheme: 'dark' }, contrast: { colorScheme: 'light', contrast: 'more' }, 'dark contrast': { colorScheme: 'dark', contrast: 'more' } };

async function judge(world, page, route, name) {
    // As it stands: what moves while one looks is between two colours.
    await page.evaluate(() => Promise.allSettled(document.getAnimations().filter((one) => one.effect.getTiming().iterations !== Infinity).map((one) => one.finished)));
    await page.screenshot({ path: `${OUT}/${route}-${name.replace(' ', '-')}.png` });
    const found = await violations(page);
    world.checks.check(`axe ${route} ${name}`, found.length === 0, found.join('\n'));
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    world.checks.check(`${route} ${name} fits the window`, wide <= 0, `${wide} px too wide`);
}

async function look(world, routes, as, language) {
    const one = await person(world, { as, reducedMotion: 'reduce' });
    const { page } = one;
    await one.context.addInitScript((code) => localStorage.setItem('language', code), language);
    for (const [route, path] of Object.entries(routes)) {
        await page.setViewportSize(WIDE);
        await page.emulateMedia({ colorScheme: 'light', contrast: 'no-preference' });
        await page.goto(world.base + path);
        await settled(page);
        if (language === 'ar') {
            await judge(world, page, route, 'rtl');
            await page.setViewportSize({ width: 390, height: 844 });
            await judge(world, page, route, 'rtl phone');
            continue;
        }
        for (const [name, media] of Object.entries(LOOKS)) {
            await page.emulateMedia(media);
            await judge(world, page, route, name);
        }
        await page.emulateMedia({ colorScheme: 'light', contrast: 'no-preference' });
        for (const [name, size] of Object.entries({ zoom: HALF, phone: { width: 390, height: 844 } })) {
            await page.setViewportSize(size);
            await judge(world, page, route, name);
        }
    }
    assert.deepEqual(one.wrong, []);
    await one.close();
}
async function every_route_is_accessible(world) {
    for (const language of ['en', 'ar']) {
        await look(world, FRONT, undefined, language);
        await look(world, routesOf(world), 'ada', language);
        await look(world, SYSTEM, 'operator', language);
    }
}

async function sizes_are_within_the_bars(world) {
    // One language: who went through another task may have come back with another one.
    const visitor = async (options) => {
        const one = await person(world, options);
        await one.context.addInitScript(() => localStorage.setItem('language', 'en'));
        return one;
    };
    const one = await visitor();
    const scripts = new Set();
    one.page.on('request', (request) => request.url().endsWith('.js') && scripts.add(new URL(request.url()).pathname));
    const sum = (paths) => Math.round([...paths].reduce((all, path) => all + kilobytes(path), 0) * 10) / 10;
    await one.page.goto(`${world.base}/sign-in`);
    await settled(one.page);
    await one.close();
    // The frame around all pages, with one that has next to nothing of its own.
    const frame = await visitor({ as: 'ada' });
    frame.page.on('request', (request) => request.url().endsWith('.js') && scripts.add(new URL(request.url()).pathname));
    await frame.page.goto(`${world.base}/nowhere`);
    await settled(frame.page);
    await frame.close();
    const shell = new Set(scripts);
    world.checks.figure('kB of scripts, shell and sign-in', sum(shell), 130);
    for (const [route, path] of Object.entries(routesOf(world))) {
        const two = await visitor({ as: 'ada' });
        const own = new Set();
        two.page.on('request', (request) => request.url().endsWith('.js') && own.add(new URL(request.url()).pathname));
        await two.page.goto(world.base + path);
        await settled(two.page);
        world.checks.figure(`kB of scripts, route ${route}`, sum([...own].filter((path) => !shell.has(path))), BARS[route] ?? 60);
        await two.close();
    }
    const all = readFileSync(new URL('list.tsv', packed), 'utf8').trim().split('\n').map((line) => line.split('\t')[0]);
    world.checks.figure('MiB of all assets', Math.round((all.reduce((sum, path) => sum + kilobytes(path), 0) / 1048.576) * 100) / 100, 5);
}

async function times_are_within_the_bars(world) {
    const one = await person(world, { as: 'ada' });
    await one.context.addInitScript(() => {
        window.seen = { lcp: 0, shift: 0, blocked: 0 };
        new PerformanceObserver((list) => list.getEntries().forEach((entry) => (window.seen.lcp = entry.startTime))).observe({ type: 'largest-contentful-paint', buffered: true });
        new PerformanceObserver((list) => list.getEntries().forEach((entry) => entry.hadRecentInput || (window.seen.shift += entry.value))).observe({ type: 'layout-shift', buffered: true });
        new PerformanceObserver((list) => list.getEntries().forEach((entry) => (window.seen.blocked += Math.max(0, entry.duration - 50)))).observe({ type: 'longtask', buffered: true });
    });
    // Times depend on the machine and its load; they are told, and judged by who measures on a quiet one.
    await one.page.goto(world.base);
    await settled(one.page);
    const seen = await one.page.evaluate(() => window.seen);
    world.checks.figure('ms to the largest paint, home', Math.round(seen.lcp));
    world.checks.figure('ms blocked, home', Math.round(seen.blocked));
    world.checks.figure('layout shift, home', Math.round(seen.shift * 1000) / 1000, 0.05);
    await one.page.goto(`${world.base}/style`);
    await settled(one.page);
    const frames = await one.page.evaluate(async () => {
        const frame = [...document.querySelectorAll('.table-frame')].pop();
        frame.scrollIntoView();
        const began = performance.now();
        let n = 0;
        while (performance.now() - began < 2_000) {
            frame.scrollBy(0, 400);
            await new Promise(requestAnimationFrame);
            n++;
        }
        return Math.round(n / 2);
    });
    world.checks.figure('frames a second, scrolling 100,000 rows', frames);
    await one.close();
}

async function every_string_is_translated_and_none_is_cut(world) {
    const one = await person(world, { as: 'ada' });
    await one.context.addInitScript(() => localStorage.setItem('language', 'en-XA'));
    for (const [route, path] of Object.entries(routesOf(world))) {
        await one.page.goto(world.base + path);
        await settled(one.page);
        const plain = await one.page.evaluate(() => {
            const shown = (node) => node.checkVisibility?.() ?? true;
            const labels = [...document.querySelectorAll('h1, h2, h3, th, label, .label, .button, .nav, .tab')].filter(shown);
            // What people and machines have named is not translated.
            const named = '[aria-hidden="true"], .mono, .diagram, .chapters, .brand, .tile, .scene-item, [data-named]';
            return labels.filter((label) => !label.closest(named) && !label.querySelector('.mono'))
                .map((label) => label.textContent.trim())
                .filter((text) => /[A-Za-z]{3}/.test(text) && !text.includes('['));
        });
        const known = new Set(['Design', 'Reviewer', 'Acme red', 'Products', 'Bicycle', 'Company', 'order', 'tram', 'My recordings', 'Acme Logistics', 'Ada Lovelace', 'Order online', 'Shop', 'Spring review', 'nightly']);
        const missing = plain.filter((text) => !known.has(text));
        world.checks.check(`translated ${route}`, missing.length === 0, [...new Set(missing)].join(' | '));
        const cut = await one.page.evaluate(() => [...document.querySelectorAll('.button, .tab, .nav, label, th, .badge')].filter((node) => node.scrollWidth > node.clientWidth + 1 && node.clientWidth > 0 && getComputedStyle(node).display !== 'inline').map((node) => node.textContent));
        world.checks.check(`not cut ${route}`, cut.length === 0, cut.join(' | '));
    }
    await one.close();
}

// In this order: later ones look at what earlier ones have made.
export default [every_route_is_accessible, sizes_are_within_the_bars, times_are_within_the_bars, every_string_is_translated_and_none_is_cut];
