// What an alert asks, when the answer concerns somebody, and who that is.
import { useState } from 'react';
import type { Schemas } from '../api/client';
import { t } from '../i18n';
import { Pick } from '../kit/choose';
import { Field, SendForm } from '../kit/form';
import { Cancel } from '../kit/overlay';
import { Told } from './told';

type Document = Schemas['AlertDocument'];
type Rule = Schemas['AlertRule'];
type Audience = Schemas['Audience'];
type Side = Schemas['AlertSide'];
export type Written = { alert: Document; deliver: Audience };

const KINDS = ['threshold', 'anomaly', 'absence'] as const;
type Kind = (typeof KINDS)[number];
/** How many weeks before an anomaly is held against. */
const WEEKS = 4;
/** The least minutes between two messages of a series, where nothing else was chosen by the API: a day. */
const QUIET = 1_440;
const SAMPLE = "SELECT sum(quantity) AS n FROM usage WHERE meter = 'audiagram.video' AND at >= $from AND at < $to";

const kindOf = (rule: Rule | undefined): Kind => KINDS.find((kind) => rule && kind in rule) ?? 'threshold';
const sideOf = (rule: Rule | undefined) => {
    if (rule && 'threshold' in rule) return rule.threshold.side;
    return (rule && 'anomaly' in rule && rule.anomaly.side) || 'both';
};

/** The form of a new alert, or of one that is changed. */
export function AlertForm({ now, submit, onSend }: { now?: Written; submit: string; onSend: (written: Written) => Promise<unknown> }) {
    const was = now?.alert;
    const [kind, setKind] = useState<Kind>(kindOf(was?.rule));
    const [side, setSide] = useState<string>(sideOf(was?.rule));
    const [deliver, setDeliver] = useState<Audience>(now?.deliver ?? { users: [], webhooks: [] });
    const tile = was && 'tile' in was.question ? was.question : undefined;
    const sql = was && 'sql' in was.question ? was.question.sql : SAMPLE;
    const above: Side = side === 'below' ? 'below' : 'above';
    const send = async (values: Record<string, string>) => {
        const number = (name: string, otherwise: number) => (values[name] ? Number(values[name]) : otherwise);
        const rule: Rule = kind === 'threshold' ? { threshold: { side: above, bound: number('bound', 0) } }
            : kind === 'absence' ? { absence: {} }
            : { anomaly: { weeks: WEEKS, at_least: 0, ...(was && 'anomaly' in was.rule ? was.rule.anomaly : {}), deviations: number('deviations', 3.5), side: side === 'both' ? null : above } };
        const alert: Document = {
            quiet_minutes: QUIET,
            repeats: false,
            ...was,
            title: values['title'] ?? '',
            question: tile ?? { sql: values['sql'] ?? '' },
            rule,
            window_minutes: number('window', 60),
            every_minutes: number('every', 5),
            for_minutes: number('for', 0),
        };
        await onSend({ alert, deliver });
    };
    const sides = [{ id: 'above', name: t('alert_above') }, { id: 'below', name: t('alert_below') }];
    return (
        <SendForm submit={submit} also={<Cancel />} onSend={send}>
            {now && <p className="soft small">{t('alert_edit_hint')}</p>}
            <Field name="title" label={t('title')} defaultValue={was?.title} isRequired maxLength={120} autoFocus />
            {tile
                ? <p className="soft small">{t('alert_chart', { tile: tile.tile.tile })}</p>
                : <Field name="sql" label={t('alert_question')} hint={t('alert_question_hint')} defaultValue={sql} isRequired lines code />}
            <Pick label={t('alert_rule')} value={kind} onChange={(id) => setKind(id as Kind)} choices={KINDS.map((id) => ({ id, name: t(`alert_rule_${id}`) }))} />
            {kind === 'threshold' && (
                <>
                    <Pick label={t('alert_side')} value={above} onChange={setSide} choices={sides} />
                    <Field name="bound" label={t('alert_bound')} type="number" defaultValue={String(was && 'threshold' in was.rule ? was.rule.threshold.bound : 0)} isRequired />
                </>
            )}
            {kind === 'anomaly' && (
                <>
                    <Pick label={t('alert_side')} value={side} onChange={setSide} choices={[{ id: 'both', name: t('alert_both') }, ...sides]} />
                    <Field name="deviations" label={t('alert_deviations')} type="number" defaultValue={String(was && 'anomaly' in was.rule ? was.rule.anomaly.deviations : 3.5)} isRequired />
                </>
            )}
            <Field name="window" label={t('alert_window')} type="number" defaultValue={String(was?.window_minutes ?? 60)} isRequired />
            <Field name="every" label={t('alert_every')} type="number" defaultValue={String(was?.every_minutes ?? 5)} isRequired />
            <Field name="for" label={t('alert_for')} type="number" defaultValue={String(was?.for_minutes ?? 0)} isRequired />
            <Told deliver={deliver} change={setDeliver} />
        </SendForm>
    );
}
