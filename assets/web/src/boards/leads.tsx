// What choosing a part of a chart does: nothing, filter the dashboard that it is on, or lead to another one.
import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { t } from '../i18n';
import { Action } from '../kit/bits';
import { Pick as Choose, Segments } from '../kit/choose';
import { Window } from '../kit/overlay';
import { boardQuery, boardsQuery, builtInQuery, draftQuery, words, type Board, type Tile, type View } from './data';

type Leads = Pick<Tile, 'select' | 'link'>;

export function LeadsOf({ tile, board, view, done, close }: { tile: Tile; board: Board; view: View; done: (leads: Leads) => void; close: () => void }) {
    const [select, setSelect] = useState(tile.select ?? undefined);
    const [link, setLink] = useState(tile.link ?? undefined);
    const speak = words(board);
    const drawn = useQuery(draftQuery(tile.chart, board, view)).data;
    const boards = [...(useQuery(builtInQuery()).data?.items ?? []), ...(useQuery(boardsQuery).data ?? [])].map(({ id, title }) => ({ id, name: title }));
    const there = useQuery({ ...boardQuery(link?.dashboard ?? ''), enabled: !!link?.dashboard }).data?.board;
    const own = (board.variables ?? []).map(({ name, title }) => ({ id: name, name: speak(title) }));
    const columns = (drawn?.table.columns ?? []).map(({ name, title }) => ({ id: name, name: title || name }));
    // What was set is offered also while the chart is on its way, or has such a column no more.
    const known = (column: string | null | undefined) => (column && !columns.some(({ id }) => id === column) ? [...columns, { id: column, name: column }] : columns);
    const first = columns[0]?.id ?? '';
    const none = [{ id: '', name: t('none') }];
    const mode = select ? 'filter' : link ? 'leads' : 'nothing';
    const turn = (to: string) => {
        setSelect(to === 'filter' ? (tile.select ?? { column: first, variable: own[0]?.id ?? '' }) : undefined);
        setLink(to === 'leads' ? (tile.link ?? { dashboard: boards[0]?.id ?? '' }) : undefined);
    };
    const sound = mode === 'nothing' || (select ? select.column && select.variable : link?.dashboard);
    return (
        <Window title={`${t('on_choose')}: ${speak(tile.chart.title)}`} open onOpen={(open) => !open && close()}>
            <div className="stack">
                <Segments label={t('on_choose')} value={mode} onChange={turn} choices={[{ id: 'nothing', name: t('on_choose_nothing') }, { id: 'filter', name: t('on_choose_filter') }, { id: 'leads', name: t('on_choose_leads') }]} />
                {select && (own.length === 0 ? <p className="soft">{t('on_choose_no_variable')}</p> : (
                    <div className="builder-pair">
                        <Choose label={t('column')} value={select.column} onChange={(column) => setSelect({ ...select, column })} choices={known(select.column)} />
                        <Choose label={t('variable')} value={select.variable} onChange={(variable) => setSelect({ ...select, variable })} choices={own} />
                    </div>
                ))}
                {link && (
                    <>
                        <Choose label={t('noun_dashboard')} value={link.dashboard} onChange={(dashboard) => setLink({ dashboard })} choices={boards} />
                        {!!there?.variables?.length && (
                            <div className="builder-pair">
                                <Choose label={t('column')} value={link.column ?? ''} onChange={(column) => setLink({ ...link, column: column || undefined })} choices={[...none, ...known(link.column)]} />
                                <Choose label={t('variable_there')} value={link.variable ?? ''} onChange={(variable) => setLink({ ...link, variable: variable || undefined })} choices={[...none, ...there.variables.map(({ name, title }) => ({ id: name, name: words(there)(title) }))]} />
                            </div>
                        )}
                    </>
                )}
            </div>
            <div className="actions">
                <Action onPress={close}>{t('cancel')}</Action>
                <Action look="primary" isDisabled={!sound} onPress={() => done({ select, link })}>{t('apply')}</Action>
            </div>
        </Window>
    );
}
