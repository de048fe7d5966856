// What a webhook was told: whether each message was taken, and if not, why, with a way to send it anew.
import { useQuery } from '@tanstack/react-query';
import { client, data, pages, type Schemas } from '../api/client';
import { act } from '../app/act';
import { queries, useSession } from '../app/queries';
import { ago, moment, number, t, tOr } from '../i18n';
import { Action, Badge, Empty, Show, type Tone } from '../kit/bits';
import { LongTable } from '../kit/long-table';
import { Table, type Column } from '../kit/table';

type Message = Schemas['WebhookDelivery'];
const TONES: Record<string, Tone> = { running: 'accent', done: 'good', failed: 'bad', dead: 'bad' };
const isUnderWay = ({ state }: Message) => state === 'queued' || state === 'running';
const name = ({ type }: Message) => tOr(`told_${type.replaceAll('.', '_')}`, type);

function state(message: Message): string {
    if (message.state === 'done') return t('message_taken');
    if (message.state === 'failed' || message.state === 'dead') return t('message_not_taken');
    if (message.state === 'queued' && message.attempts > 0) return t('job_failed');
    return tOr(`job_${message.state}`, message.state);
}

export function Messages({ webhook }: { webhook: string }) {
    const session = useSession();
    const queryKey = ['webhook-messages', webhook];
    const messages = useQuery({
        queryKey, queryFn: () => pages((after) => data(client.GET('/v1/webhooks/{webhook}/deliveries', { params: { path: { webhook }, query: { limit: 200, after } } })), 1_000),
        refetchInterval: ({ state }) => (state.data?.some(isUnderWay) ? 2_000 : 15_000),
    });
    const replay = (job: string) => {
        // As it will be; what the appliance says stands there a moment later.
        queries.setQueryData<Message[]>(queryKey, (before) => before?.map((one) => (one.id === job ? { ...one, state: 'queued', attempts: 0 } : one)));
        void act(['webhook-messages'], () => client.POST('/v1/webhooks/{webhook}/deliveries/{job}/replay', { params: { path: { webhook, job } } }), t('webhook_tested'))
            .then(async (sent) => { if (!sent) await queries.invalidateQueries({ queryKey }); });
    };
    const columns: Column<Message>[] = [
        { id: 'what', name: t('what'), cell: (one) => <span><strong>{name(one)}</strong><br /><span className="mono small soft">{one.id}</span></span> },
        {
            id: 'state', name: t('state'),
            cell: (one) => <span><Badge tone={TONES[one.state] ?? (one.attempts ? 'warn' : 'plain')}>{state(one)}</Badge>{one.why && one.state !== 'done' && <><br /><span className="small soft">{one.why}</span></>}</span>,
        },
        { id: 'attempts', name: t('attempts'), end: true, cell: ({ attempts }) => <span className="num">{number(attempts)}</span> },
        { id: 'at', name: t('when'), cell: ({ at }) => <span className="soft" title={moment(at)}>{ago(at)}</span> },
        {
            id: 'again', name: t('send_again'), hide: true, end: true,
            cell: (one) => session?.can('webhook:replay') && !isUnderWay(one) && one.state !== 'done'
                && <Action aria-label={`${t('send_again')}: ${name(one)}, ${ago(one.created)}`} onPress={() => replay(one.id)}>{t('send_again')}</Action>,
        },
    ];
    return (
        <Show of={messages} lines={3}>
            {(rows) => rows.length === 0 ? <Empty icon="mail" title={t('no_messages')}>{t('no_messages_hint')}</Empty>
                : rows.length > 100 ? <LongTable caption={t('webhook_messages')} columns={columns} rows={rows} rowKey={({ id }) => id} height={56} />
                : <Table caption={t('webhook_messages')} columns={columns} rows={rows} rowKey={({ id }) => id} />}
        </Show>
    );
}
