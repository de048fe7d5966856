// Restore drills: whether the newest backup could be put back, when that was tried, and what would not come back.
import { useQuery } from '@tanstack/react-query';
import { client, data, type Schemas } from '../api/client';
import { act } from '../app/act';
import { clock, number, t, tOr } from '../i18n';
import { Action, Badge, Notice, Show, type Tone } from '../kit/bits';
import { Table, type Column } from '../kit/table';
import { When } from '../kit/when';

type Drill = Schemas['Errand'];
const TONES: Record<Schemas['DrillStanding'], Tone> = { never: 'warn', good: 'good', failed: 'bad', old: 'warn' };
const STATES: Record<string, Tone> = { done: 'good', running: 'accent', failed: 'bad' };
const runs = ({ state }: Drill) => state === 'waiting' || state === 'running';
const fact = ({ facts }: Drill, name: string) => (facts[name] === undefined ? '–' : number(Number(facts[name])));

export function Drills({ possible }: { possible: boolean }) {
    const drills = useQuery({
        queryKey: ['upkeep', 'drills'], queryFn: () => data(client.GET('/v1/backups/drill')),
        refetchInterval: ({ state }) => (state.data?.newest.some(runs) ? 1_000 : 30_000),
    });
    const columns: Column<Drill>[] = [
        { id: 'asked', name: t('when'), cell: ({ asked }) => <When at={asked} /> },
        { id: 'state', name: t('state'), cell: (drill) => <Badge tone={STATES[drill.state] ?? 'plain'}>{drill.state === 'done' ? t('drill_good') : drill.state === 'failed' ? t('drill_failed') : tOr(`job_${drill.state === 'waiting' ? 'queued' : drill.state}`, drill.state)}</Badge> },
        { id: 'stores', name: t('drill_stores'), end: true, cell: (drill) => <span className="num">{fact(drill, 'stores')}</span> },
        { id: 'rows', name: t('drill_rows'), end: true, cell: (drill) => <span className="num">{fact(drill, 'audit_rows')}</span> },
        { id: 'blobs', name: t('drill_blobs'), end: true, cell: (drill) => <span className="num">{fact(drill, 'blobs')}</span> },
        { id: 'took', name: t('drill_took'), end: true, cell: ({ facts }) => <span className="num">{facts.seconds === undefined ? '–' : clock(Number(facts.seconds) * 1000)}</span> },
        { id: 'detail', name: t('detail'), cell: ({ detail, backup }) => <span className={detail ? '' : 'soft mono'}>{detail ?? backup}</span> },
    ];
    const begin = () => void act(['upkeep'], () => client.POST('/v1/backups/drill', { body: {} }), t('drill_begun'));
    return (
        <section className="stack tight">
            <div className="row apart"><h2>{t('drills')}</h2><Action icon="check" isDisabled={!possible || drills.data?.newest.some(runs)} onPress={begin}>{t('drill_now')}</Action></div>
            <p className="small soft">{t('drill_hint')}</p>
            <Show of={drills} lines={2}>
                {({ standing, every_days, newest }) => (
                    <>
                        <Notice tone={TONES[standing]} icon={standing === 'good' ? 'check' : 'alert'}>
                            <strong>{t(`drill_standing_${standing}`)}</strong>
                            <p className="small">{every_days ? t('drill_every', { n: every_days }) : t('drill_by_hand')}</p>
                        </Notice>
                        {newest.length > 0 && <Table caption={t('drills')} columns={columns} rows={newest} rowKey={({ id }) => id} />}
                    </>
                )}
            </Show>
        </section>
    );
}
