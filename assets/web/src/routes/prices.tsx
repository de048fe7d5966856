// Price lists: what is counted and what it costs, from when on; the lists before stay as they were.
import { lazy, Suspense, useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { client, data, type Schemas } from '../api/client';
import { useSession } from '../app/queries';
import { Page } from '../app/shell';
import { moment, number, percent, t } from '../i18n';
import { Action, Badge, Empty, Show, Skeleton } from '../kit/bits';
import { Ask } from '../kit/overlay';
import { Table, type Column } from '../kit/table';
import { blockName, change, meterName, money } from './meters';

const PriceForm = lazy(() => import('./price-form').then(({ PriceForm }) => ({ default: PriceForm })));

type Card = Schemas['RateCard'];
type Rate = Schemas['Rate'];
/** A list with the time until which it holds, and the one before. */
type Placed = { card: Card; until?: string; before?: Card; state: 'past' | 'now' | 'coming' };

/** The newest first. `cards` come the oldest first. */
function placed(cards: Card[], now = Date.now()): Placed[] {
    return cards.map((card, i): Placed => {
        const until = cards[i + 1]?.from;
        const state = Date.parse(card.from) > now ? 'coming' : until && Date.parse(until) <= now ? 'past' : 'now';
        return { card, until, before: cards[i - 1], state };
    }).reverse();
}

export function Prices() {
    const session = useSession();
    const cards = useQuery({ queryKey: ['rate-cards'], queryFn: () => data(client.GET('/v1/rate-cards')) });
    const [chosen, choose] = useState<number | null>(null);
    const newest = cards.data?.items.at(-1);
    const make = session?.can('chargeback:manage') && cards.data && (
        <Ask large button={{ look: 'primary', icon: 'plus', children: t('new_prices') }} title={t('new_prices')}>
            {(close) => <Suspense fallback={<Skeleton />}><PriceForm newest={newest} close={close} then={() => choose(null)} /></Suspense>}
        </Ask>
    );
    return (
        <Page crumbs={[{ name: t('nav_admin') }, { name: t('nav_prices') }]} title={t('nav_prices')} intro={t('prices_intro')} actions={!!newest && make}>
            <Show of={cards}>
                {({ items }) => {
                    const all = placed(items);
                    const shown = all.find(({ card }) => card.version === chosen) ?? all.find(({ state }) => state === 'now') ?? all[0];
                    if (!shown) return <Empty icon="gauge" title={t('no_prices')} action={make}>{t('no_prices_hint')}</Empty>;
                    return <><List of={shown} /><Lists all={all} shown={shown.card.version} show={choose} /></>;
                }}
            </Show>
        </Page>
    );
}

const TONES = { past: 'plain', now: 'good', coming: 'accent' } as const;
const State = ({ state }: { state: Placed['state'] }) => <Badge tone={TONES[state]}>{t(`prices_${state}`)}</Badge>;

function List({ of: { card, before, until, state } }: { of: Placed }) {
    const old = (rate: Rate) => change(rate, before?.rates.find(({ meter }) => meter === rate.meter));
    const columns: Column<Rate>[] = [
        { id: 'meter', name: t('meter'), cell: ({ meter }) => <span><strong>{meterName(meter)}</strong>{meterName(meter) !== meter && <><br /><span className="mono small soft">{meter}</span></>}</span> },
        { id: 'price', name: t('price'), end: true, cell: ({ price_micros }) => <span className="num">{money(price_micros, card.currency)}</span> },
        { id: 'per', name: t('price_per'), cell: ({ meter, block }) => blockName(meter, block) },
        ...(before ? [{ id: 'change', name: t('price_change'), end: true, cell: (rate: Rate) => <Difference by={old(rate)} /> }] : []),
    ];
    const gone = before?.rates.filter(({ meter }) => !card.rates.some((rate) => rate.meter === meter)) ?? [];
    return (
        <section className="stack tight" aria-live="polite">
            <div className="row wrap"><h2>{t('price_list', { n: card.version })}</h2><State state={state} /></div>
            <p className="soft small">{until ? t('prices_from_until', { from: moment(card.from), until: moment(until) }) : t('prices_from', { from: moment(card.from) })}</p>
            <Table caption={t('price_list', { n: card.version })} columns={columns} rows={card.rates} rowKey={({ meter }) => meter} />
            {gone.length > 0 && <p className="soft small">{t('prices_gone', { names: gone.map(({ meter }) => meterName(meter)).join(', ') })}</p>}
        </section>
    );
}

function Difference({ by }: { by: number | null }) {
    if (by === null) return <span className="soft">{t('price_new')}</span>;
    if (Math.abs(by) < 0.0005) return <span className="soft">{t('price_same')}</span>;
    return <span className="num">{by > 0 ? '+' : ''}{percent(by)}</span>;
}

function Lists({ all, shown, show }: { all: Placed[]; shown: number; show: (version: number) => void }) {
    const columns: Column<Placed>[] = [
        { id: 'version', name: t('version_number'), cell: ({ card }) => <span className="num">{number(card.version)}</span> },
        { id: 'state', name: t('state'), cell: ({ state }) => <State state={state} /> },
        { id: 'from', name: t('prices_hold_from'), cell: ({ card }) => moment(card.from) },
        { id: 'until', name: t('prices_hold_until'), cell: ({ until }) => <span className="soft">{until ? moment(until) : '–'}</span> },
        { id: 'meters', name: t('meters'), end: true, cell: ({ card }) => <span className="num">{number(card.rates.length)}</span> },
        { id: 'show', name: t('show'), hide: true, end: true, cell: ({ card }) => <Action look={card.version === shown ? 'primary' : 'plain'} aria-pressed={card.version === shown} aria-label={`${t('show')}: ${t('price_list', { n: card.version })}`} onPress={() => show(card.version)}>{t('show')}</Action> },
    ];
    if (all.length < 2) return null;
    return (
        <section className="stack tight">
            <h2>{t('price_lists')}</h2>
            <Table caption={t('price_lists')} columns={columns} rows={all} rowKey={({ card }) => String(card.version)} />
        </section>
    );
}
