// A room for components under test: the document of a browser as far as there is one without a window, the words of the page, the router and
// the queries around them. What is tested is the real thing; the appliance is the only part that is played, at the wire.
import type { ReactElement } from 'react';
import { cleanup, render } from '@testing-library/react';
import { QueryClientProvider } from '@tanstack/react-query';
import { createMemoryHistory, createRootRoute, createRoute, createRouter, Outlet, RouterProvider } from '@tanstack/react-router';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeAll, vi } from 'vitest';
import { queries } from '../../app/queries';
import type { Page } from '../../generated/locale';
import { speak, wordsOf } from '../../i18n';
import { Toasts } from '../toast';

/** Words are there before the first test, the document is empty after each. */
export function furnished(...pages: Page[]): void {
    beforeAll(async () => {
        await speak('en');
        await Promise.all(pages.map(wordsOf));
    });
    afterEach(() => {
        cleanup();
        queries.clear();
        localStorage.clear();
        vi.unstubAllGlobals();
        vi.useRealTimers();
    });
}

/** A component at an address of the app, and somebody at the keyboard. */
export async function show(shown: ReactElement) {
    const root = createRootRoute({ component: () => <><Outlet /><Toasts /></> });
    const own = createRoute({ getParentRoute: () => root, path: '/', component: () => shown });
    const any = createRoute({ getParentRoute: () => root, path: '/$', component: () => <p>elsewhere</p> });
    const router = createRouter({ routeTree: root.addChildren([own, any]), history: createMemoryHistory({ initialEntries: ['/'] }) });
    await router.load();
    render(<QueryClientProvider client={queries}><RouterProvider router={router as never} /></QueryClientProvider>);
    return { user: userEvent.setup(), router };
}

type Answer = { status: number; body: unknown };
/** The appliance, as far as one test hears of it: each request is answered by its method and path. */
export function appliance(answers: Record<string, (sent: unknown) => Answer>): string[] {
    const heard: string[] = [];
    vi.stubGlobal('fetch', async (request: Request) => {
        const asked = `${request.method} ${new URL(request.url).pathname}`;
        heard.push(asked);
        const text = await request.text();
        const { status, body } = answers[asked]?.(text ? JSON.parse(text) : undefined) ?? { status: 404, body: { type: 'about:blank', title: 'Not found', status: 404, code: 'not_found' } };
        return new Response(JSON.stringify(body), { status, headers: { 'content-type': status < 400 ? 'application/json' : 'application/problem+json' } });
    });
    return heard;
}
