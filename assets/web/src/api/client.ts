// The API: typed by the generated description, with problems as one kind of error.
import createClient, { type Middleware } from 'openapi-fetch';
import type { components, paths } from '../generated/api';
import { t, wordsOf } from '../i18n';

export type Schemas = components['schemas'];
export type ProblemDocument = Schemas['Problem'];

/** An answer that is not a success, as RFC 9457 has it. */
export class Problem extends Error {
    constructor(readonly document: ProblemDocument) {
        super(document.detail || document.title);
    }
    get code(): string {
        return this.document.code;
    }
    /** What is wrong with the field of this name. */
    at(field: string): string | undefined {
        return this.document.errors?.find((fault) => fault.at === field || fault.at === `/${field}`)?.detail;
    }
}

/** No answer: the network or the appliance is away. */
export class Unreachable extends Error {}

let words: typeof import('./problems') | undefined;
/** What is needed to tell of problems, when there is the first; without a line the appliance's own words do. */
async function learn(): Promise<void> {
    try {
        const [module] = await Promise.all([import('./problems'), wordsOf('problems')]);
        words = module;
    } catch {
        // Tried again with the next.
    }
}

async function asProblem(response: Response): Promise<Problem> {
    const [text] = await Promise.all([response.text(), learn()]);
    try {
        const read = JSON.parse(text) as Partial<ProblemDocument>;
        if (typeof read.code === 'string') return new Problem(read as ProblemDocument);
    } catch {
        // Not a document: something between us and the appliance has answered.
    }
    return new Problem({ type: 'about:blank', title: response.statusText, status: response.status, code: 'unreadable' });
}

const listeners = new Set<(problem: Problem) => void>();
/** Called with every problem, so that a lost session is noticed wherever it shows. */
export function onProblem(listener: (problem: Problem) => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
}

async function checked(response: Response): Promise<Response> {
    if (response.ok) return response;
    const problem = await asProblem(response);
    for (const listener of listeners) listener(problem);
    throw problem;
}

let workspace: string | undefined;
/** Says which workspace the page shows. Every request says so too: of several windows one may have gone to another, and all of them send the
 * same cookie. */
export const inWorkspace = (tenant?: string): void => void (workspace = tenant);
const SHOWN = 'Audiagram-Workspace';

let returning: Promise<boolean> | undefined;
/** Has the browser work in the workspace of this page again, where it is still signed in. */
const returned = () =>
    (returning ??= fetch(`/v1/me/workspaces/${workspace}/open`, { method: 'POST' })
        .then(({ ok }) => ok, () => false)
        .finally(() => (returning = undefined)));

async function reached(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    if (workspace && input instanceof Request) input.headers.set(SHOWN, workspace);
    else if (workspace) {
        const headers = new Headers(init?.headers);
        headers.set(SHOWN, workspace);
        init = { ...init, headers };
    }
    try {
        return await fetch(input, init);
    } catch (error) {
        if (error instanceof DOMException && error.name === 'AbortError') throw error;
        throw new Unreachable('no answer', { cause: error });
    }
}

let confirm: (() => Promise<boolean>) | undefined;
let asked: Promise<boolean> | undefined;
/** Says who asks for a second factor when something needs a fresh one; true when it was shown. */
export const confirmBy = (ask: () => Promise<boolean>): void => void (confirm = ask);
/** Asked once, however many requests wait for it. */
const confirmed = () => (asked ??= confirm?.().finally(() => (asked = undefined)));

/** `fetch` whose failures are `Problem` and `Unreachable`. What asks for a second factor is sent again once it was shown, and what another
 * window has come between once the browser is back in the workspace that one sees. */
export async function send(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    // The body of a request can be sent once.
    const again = input instanceof Request ? input.clone() : input;
    try {
        return await checked(await reached(input, init));
    } catch (error) {
        const code = error instanceof Problem ? error.code : '';
        const moved = code === 'other_workspace' && document.visibilityState === 'visible';
        const mended = moved ? await returned() : code === 'step_up_required' && (await confirmed());
        if (mended) return checked(await reached(again, init));
        // Signed out of it elsewhere: what is shown here is of no use any more.
        if (moved) location.assign('/');
        throw error;
    }
}

const once: Middleware = {
    onRequest({ request }) {
        // A click that is repeated because the answer was lost is still one change.
        if (request.method === 'POST' && !request.url.endsWith('/v1/session')) {
            request.headers.set('Idempotency-Key', crypto.randomUUID());
        }
        return request;
    },
};

export const client = createClient<paths>({ baseUrl: location.origin, fetch: (request: Request) => send(request) });
client.use(once);

/** The body of an answer; that it is there is what `send` has checked. */
export async function data<T>(answer: Promise<{ data?: T }>): Promise<NonNullable<T>> {
    return (await answer).data as NonNullable<T>;
}

/** How many items of a list are read where nothing else is said; with as many there may be more. */
export const MOST = 2_000;

/** The items of a list, page after page, until there are no more or `most` are there. */
export async function pages<T>(read: (after?: string) => Promise<{ items: T[]; next?: string | null }>, most = MOST): Promise<T[]> {
    const items: T[] = [];
    for (let after: string | undefined; ; ) {
        const page = await read(after);
        items.push(...page.items);
        if (!page.next || items.length >= most) return items;
        after = page.next;
    }
}

export const ifMatch = (version: number) => ({ 'If-Match': `"${version}"` });

export function describe(error: unknown): string {
    if (error instanceof Problem && error.code === 'step_up_required') return t('factor_needed');
    if (error instanceof Problem && words) return words.problem(error.document);
    return error instanceof Error ? error.message : String(error);
}

/** What is wrong with a field. */
export const faultOf = (detail: string): string => words?.fault(detail) ?? detail;
