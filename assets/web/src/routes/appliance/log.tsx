// The last lines of the log, newest first.
import { useState } from 'react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { client, data, type Schemas } from '../../api/client';
import { second, t } from '../../i18n';
import { Action, Badge, Empty, Show, type Tone } from '../../kit/bits';
import { Pick, Switch } from '../../kit/choose';
import { Field } from '../../kit/form';
import { Table, type Column } from '../../kit/table';

type Line = Schemas['LogLine'];
type Level = Schemas['LogLevel'];
const LEVELS: Level[] = ['error', 'warn', 'info', 'debug', 'trace'];
const TONES: Record<Level, Tone> = { error: 'bad', warn: 'warn', info: 'accent', debug: 'plain', trace: 'plain' };

export function Log() {
    const [level, setLevel] = useState<Level>('trace');
    const [target, setTarget] = useState('');
    const [text, setText] = useState('');
    const [follow, setFollow] = useState(true);
    // Where the page before ended; the newest lines without one.
    const [before, goBack] = useState<number>();
    const query = { level, target: target || undefined, text: text || undefined, before, limit: 100 };
    const log = useQuery({
        queryKey: ['appliance', 'log', query], queryFn: () => data(client.GET('/v1/appliance/log', { params: { query } })),
        placeholderData: keepPreviousData, refetchInterval: follow && before === undefined ? 3_000 : false,
    });
    const anew = <T,>(set: (value: T) => void) => (value: T) => (goBack(undefined), set(value));
    const columns: Column<Line>[] = [
        { id: 'at', name: t('when'), cell: ({ at }) => <span className="soft num when">{second(at)}</span> },
        { id: 'level', name: t('level'), cell: (line) => <Badge tone={TONES[line.level]}>{t(`log_${line.level}`)}</Badge> },
        { id: 'said', name: t('log_said'), cell: ({ message, fields }) => <div className="said" lang="en" dir="ltr">{message}{fields.length > 0 && <p className="small soft mono">{fields.map(({ name, value }) => `${name}=${value}`).join('  ')}</p>}</div> },
        { id: 'target', name: t('log_target'), cell: (line) => <span className="mono soft">{line.target}</span> },
    ];
    return (
        <>
            <div className="row wrap tools">
                <Pick label={t('log_least')} value={level} onChange={anew((id: string) => setLevel(id as Level))} choices={LEVELS.map((id) => ({ id, name: t(`log_${id}`) }))} />
                <Pick label={t('log_target')} value={target || 'all'} onChange={anew((id: string) => setTarget(id === 'all' ? '' : id))} choices={[{ id: 'all', name: t('all') }, ...(log.data?.targets ?? []).map((id) => ({ id, name: id }))]} />
                <Field label={t('log_find')} value={text} onChange={anew(setText)} maxLength={100} />
                <Switch on={follow} onChange={setFollow}>{t('log_follow')}</Switch>
            </div>
            <Show of={log} lines={8}>
                {({ lines, next, filter, kept }) => (
                    <>
                        {lines.length ? <div className="log"><Table caption={t('log')} columns={columns} rows={lines} rowKey={({ number }) => String(number)} /></div> : <Empty icon="list" title={t('log_none')} action={(text || target) && <Action onPress={() => (anew(setText)(''), setTarget(''))}>{t('clear_filters')}</Action>}>{t('log_none_hint', { filter })}</Empty>}
                        <div className="row wrap">
                            {before !== undefined && <Action onPress={() => goBack(undefined)}>{t('log_newest')}</Action>}
                            {next != null && <Action onPress={() => goBack(next)}>{t('log_earlier')}</Action>}
                        </div>
                        <p className="small soft">{t('log_about', { n: kept, filter })}</p>
                    </>
                )}
            </Show>
        </>
    );
}
