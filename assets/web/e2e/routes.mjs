// What holds on every page: no violation of accessibility in any look, sizes and times within the bars, nothing untranslated or cut off.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { OUT, person, settled, violations, WIDE } from './browser.mjs';
import { frontOf, goTo, routesOf, SYSTEM } from './places.mjs';

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
// With the charts' own chunk, which is loaded with the first chart.
const BARS = { editor: 200, usage: 320, adoption: 320, rendering: 320, trail: 320 };
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
        await goTo(world, page, path);
        if (language === 'ar') {
            await judge(world, page, route, 'rtl');
            await page.setViewportSize({ width: 390, height: 844 });
            await judge(world, page, route, 'rtl phone');
            await page.setViewportSize(HALF);
            await judge(world, page, route, 'rtl zoom');
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
        await look(world, await frontOf(world), undefined, language);
        await look(world, await routesOf(world), 'ada', language);
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
    for (const [route, path] of Object.entries(await routesOf(world))) {
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

/** From a press on a link until the other page stands there: with its code to be fetched, and the second time. */
async function routes_change(world, page) {
    const links = ['/jobs', '/dashboards', '/reports', '/brand-kits', '/links', '/trash', '/admin/members', '/admin/roles', '/admin/connectors'];
    const round = async () => {
        const took = [];
        for (const link of links) {
            took.push(await page.evaluate(async (href) => {
                const goal = document.querySelector(`a[href="${href}"]`);
                if (!goal) return null;
                const began = performance.now();
                const before = document.querySelector('main h1')?.textContent;
                goal.click();
                while (performance.now() - began < 5_000) {
                    await new Promise(requestAnimationFrame);
                    const now = document.querySelector('main h1')?.textContent;
                    if (location.pathname === href && now && now !== before) break;
                }
                return performance.now() - began;
            }, link));
            await settled(page);
        }
        const known = took.filter((one) => one !== null).sort((a, b) => a - b);
        assert.ok(known.length >= links.length - 2, 'links that pages are gone to by are gone');
        return known;
    };
    const [first, second] = [await round(), await round()];
    world.checks.measure('ms of a change of the route, the first time, middle of all', Math.round(first[first.length >> 1]), 100);
    world.checks.measure('ms of a change of the route, the second time, the slowest', Math.round(second.at(-1)), 100);
}

async function times_are_within_the_bars(world) {
    const one = await person(world, { as: 'ada' });
    await one.context.addInitScript(() => {
        window.seen = { lcp: 0, shift: 0, blocked: 0 };
        new PerformanceObserver((list) => list.getEntries().forEach((entry) => (window.seen.lcp = entry.startTime))).observe({ type: 'largest-contentful-paint', buffered: true });
        new PerformanceObserver((list) => list.getEntries().forEach((entry) => entry.hadRecentInput || (window.seen.shift += entry.value))).observe({ type: 'layout-shift', buffered: true });
        new PerformanceObserver((list) => list.getEntries().forEach((entry) => (window.seen.blocked += Math.max(0, entry.duration - 50)))).observe({ type: 'longtask', buffered: true });
    });
    await one.page.goto(world.base);
    await settled(one.page);
    const seen = await one.page.evaluate(() => window.seen);
    world.checks.measure('ms to the largest paint, home', Math.round(seen.lcp), 1_000);
    world.checks.measure('ms blocked, home', Math.round(seen.blocked), 150);
    world.checks.figure('layout shift, home', Math.round(seen.shift * 1000) / 1000, 0.05);
    await routes_change(world, one.page);
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
    world.checks.measure('frames a second, scrolling 100,000 rows', frames, 50, 'least');
    await one.close();
}

// In this order: later ones look at what earlier ones have made.
export default [every_route_is_accessible, sizes_are_within_the_bars, times_are_within_the_bars];
