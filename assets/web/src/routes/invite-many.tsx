// Many people invited from a table: read and judged here first, then one invitation after the other, then a table of their links.
import { useState } from 'react';
import { FileTrigger } from 'react-aria-components/FileTrigger';
import { client, data, describe } from '../api/client';
import { queries } from '../app/queries';
import { t } from '../i18n';
import { Action, Badge, Meter, Notice } from '../kit/bits';
import { Field } from '../kit/form';
import { Leaving } from '../kit/leaving';
import { Table, type Column } from '../kit/table';
import { roleName } from '../app/roles';
import { readTable, saveText, writeTable } from './csv';
import { joinLink } from './join-link';
import { wanted, type Wanted } from './wanted';

const MOST = 500;
type Sent = Wanted & { link?: string; problem?: string };

export function InviteMany({ slug, known, close }: { slug: string; known: Set<string>; close: () => void }) {
    const [text, setText] = useState('');
    const [sent, setSent] = useState<Sent[] | null>(null);
    const [done, setDone] = useState(0);
    const { people, faults } = wanted(text, known);
    const many = people.slice(0, MOST);
    const send = async () => {
        const all: Sent[] = [];
        setSent([]);
        for (const person of many) {
            try {
                const made = await data(client.POST('/v1/invitations', { body: person }));
                all.push({ ...person, link: joinLink(slug, made.code) });
            } catch (error) {
                all.push({ ...person, problem: describe(error) });
            }
            setDone(all.length);
        }
        setSent(all);
        await queries.invalidateQueries({ queryKey: ['invitations'] });
    };
    if (sent) {
        const failed = sent.filter(({ problem }) => problem);
        const finished = sent.length === many.length && many.length > 0;
        if (!finished) return <div className="stack" role="status"><Meter share={done / Math.max(1, many.length)} label={t('invite_many')} /><p className="soft">{t('used_of', { used: done, allowed: many.length })}</p></div>;
        return (
            <>
                <Notice tone={failed.length ? 'warn' : 'good'} icon={failed.length ? 'alert' : 'check'}>
                    <p><strong>{t('n_invited', { n: sent.length - failed.length })}</strong></p>
                    {failed.map(({ email, problem }) => <p key={email} className="small">{email}: {problem}</p>)}
                </Notice>
                <p className="small soft">{t('links_once')}</p>
                <div className="actions">
                    <Action onPress={close}>{t('done')}</Action>
                    <Action look="primary" icon="download" onPress={() => saveText('invitations.csv', writeTable([['email', 'role', 'link'], ...sent.filter(({ link }) => link).map(({ email, role, link }) => [email, role, link ?? ''])]))}>{t('save_links')}</Action>
                </div>
            </>
        );
    }
    const columns: Column<Wanted>[] = [
        { id: 'email', name: t('email'), cell: ({ email }) => email },
        { id: 'role', name: t('role'), cell: ({ role }) => <Badge>{roleName(role)}</Badge> },
    ];
    const rows = readTable(text).length;
    return (
        <>
            <Leaving unsaved={text !== ''} />
            <p className="soft">{t('invite_many_hint')}</p>
            <Field label={t('table_of_people')} lines value={text} onChange={setText} placeholder={'email,role\nada@example.org,manager'} />
            <div className="row wrap apart">
                <FileTrigger acceptedFileTypes={['.csv', 'text/csv', '.tsv', '.txt']} onSelect={(files) => { const file = files?.[0]; if (file && file.size < 1_000_000) void file.text().then(setText); }}>
                    <Action icon="upload">{t('choose_table')}</Action>
                </FileTrigger>
                {rows > 0 && <span className="row wrap" role="status"><Badge tone="good">{t('n_ready', { n: many.length })}</Badge>{faults.length > 0 && <Badge tone="warn">{t('n_left_out', { n: faults.length + people.length - many.length })}</Badge>}</span>}
            </div>
            {many.length > 0 && <Table caption={t('invite_many')} columns={columns} rows={many.slice(0, 20)} rowKey={({ email }) => email} />}
            {many.length > 20 && <p className="small soft">{t('and_n_more', { n: many.length - 20 })}</p>}
            {faults.length > 0 && (
                <ul className="small faults">{faults.slice(0, 10).map(({ line, why }) => <li key={line}>{t('line_fault', { n: line, why: t(`fault_${why}`) })}</li>)}</ul>
            )}
            <div className="actions">
                <Action onPress={close}>{t('cancel')}</Action>
                <Action look="primary" isDisabled={!many.length} onPress={() => void send()}>{t('invite_n', { n: many.length })}</Action>
            </div>
        </>
    );
}
