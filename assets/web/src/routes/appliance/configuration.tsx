// Every setting with its value, its default and where it was made. Secrets are not shown.
import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import type { Schemas } from '../../api/client';
import { configurationQuery } from '../../app/first-run-asked';
import { t } from '../../i18n';
import { Action, Badge, Empty, Notice, Show, type Tone } from '../../kit/bits';
import { Switch } from '../../kit/choose';
import { Field } from '../../kit/form';
import { Table, type Column } from '../../kit/table';

type Setting = Schemas['Setting'];
const TONES: Record<Setting['source'], Tone> = { default: 'plain', file: 'accent', environment: 'accent', flag: 'accent' };

function said(value: unknown): string {
    if (value === null || value === undefined || value === '') return t('setting_nothing');
    if (value === '(set)') return t('setting_set');
    if (typeof value === 'boolean') return value ? t('setting_on') : t('setting_off');
    if (Array.isArray(value)) return value.length ? value.map(said).join(', ') : t('setting_nothing');
    return typeof value === 'object' ? (Object.keys(value).length ? JSON.stringify(value) : t('setting_nothing')) : String(value);
}

export function Configuration() {
    const configuration = useQuery(configurationQuery);
    return <Show of={configuration} lines={8}>{(shown) => <Settings shown={shown} />}</Show>;
}

function Settings({ shown: { file, stale, fault, settings } }: { shown: Schemas['Configuration'] }) {
    const [wanted, want] = useState('');
    const [only, limit] = useState(true);
    const has = (text: string) => text.toLowerCase().includes(wanted.trim().toLowerCase());
    const rows = settings.filter(({ key, meaning, differs, source }) => (!only || differs || source !== 'default') && (has(key) || has(meaning)));
    const columns: Column<Setting>[] = [
        { id: 'key', name: t('setting'), cell: ({ key, meaning }) => <div className="key"><span className="mono">{key}</span><p className="small soft" lang="en">{meaning}</p></div> },
        { id: 'value', name: t('value'), cell: ({ value, differs }) => (differs ? <strong className="mono">{said(value)}</strong> : <span className="mono">{said(value)}</span>) },
        { id: 'default', name: t('setting_default'), cell: (one) => <span className="mono soft">{said(one.default)}</span> },
        { id: 'source', name: t('setting_from'), cell: ({ source, variable }) => <span><Badge tone={TONES[source]}>{t(`setting_from_${source}`)}</Badge>{variable && <span className="small soft mono"> {variable}</span>}</span> },
    ];
    return (
        <>
            {fault && <Notice tone="bad"><strong>{t('setting_fault')}</strong><p className="small mono">{fault}</p></Notice>}
            {stale && <Notice tone="warn">{t('setting_stale')}</Notice>}
            <p className="soft">{file ? t('setting_file', { file }) : t('setting_no_file')} {t('setting_order')}</p>
            <div className="row wrap tools">
                <Field label={t('setting_find')} value={wanted} onChange={want} />
                <Switch on={only} onChange={limit}>{t('setting_only')}</Switch>
            </div>
            {rows.length ? <div className="settings"><Table caption={t('configuration')} columns={columns} rows={rows} rowKey={({ key }) => key} /></div> : <Empty icon="gear" title={t('setting_none')} action={<Action onPress={() => (want(''), limit(false))}>{t('clear_filters')}</Action>} />}
        </>
    );
}
