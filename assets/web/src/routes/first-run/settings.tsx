// The steps that settings of the appliance answer: where it is found, what mails go by, where backups go.
import { useState, type ReactNode } from 'react';
import { useQuery } from '@tanstack/react-query';
import { client, type Schemas } from '../../api/client';
import { act } from '../../app/act';
import { isLocal, listOf, settingOf } from '../../app/first-run';
import { backupsQuery, configurationQuery } from '../../app/first-run-asked';
import { useSession } from '../../app/queries';
import { bytes, moment, number, t } from '../../i18n';
import { Action, Notice, Show } from '../../kit/bits';
import { Pick } from '../../kit/choose';
import { Field } from '../../kit/form';
import { Errands } from '../errands';
import { Snippet } from './snippet';

type Configuration = Schemas['Configuration'];
/** `words`: it is said in the reader's language, not as it stands in a file. */
type Fact = [name: string, value: string, words?: boolean];

function Known({ facts }: { facts: Fact[] }) {
    return <dl className="known">{facts.map(([name, value, words]) => <div key={name}><dt>{name}</dt><dd className={value && !words ? 'mono' : undefined}>{value || t('setting_nothing')}</dd></div>)}</dl>;
}

const Of = ({ children }: { children: (configuration: Configuration) => ReactNode }) => <Show of={useQuery(configurationQuery)} lines={6}>{children}</Show>;

export const Address = () => <Of>{(configuration) => <Names configuration={configuration} />}</Of>;

function Names({ configuration }: { configuration: Configuration }) {
    const names = listOf(configuration, 'listen.names');
    const port = settingOf(configuration, 'listen.address').split(':').pop() ?? '';
    const known = names.filter((name) => !isLocal(name));
    // Whoever came by a name has the right one in the address of this page.
    const [name, rename] = useState(known[0] ?? (isLocal(location.hostname) ? '' : location.hostname));
    const wanted = name.trim().toLowerCase();
    const all = [...new Set([wanted, ...names])].filter(Boolean);
    return (
        <>
            <Known facts={[
                [t('run_names'), names.join(', ')], [t('run_port'), port], [t('run_region'), settingOf(configuration, 'region')],
                [t('run_link'), settingOf(configuration, 'mail.link') || `https://${known[0] ?? names[0] ?? ''}${port === '443' ? '' : `:${port}`}`], [t('run_came_by'), location.host],
            ]} />
            {known.length === 0 && <Notice tone="warn">{t('run_names_local')}</Notice>}
            <section className="stack">
                <h3>{t('run_change')}</h3>
                <Field label={t('run_name')} hint={t('run_name_hint')} value={name} onChange={rename} placeholder="video.example.org" autoComplete="off" />
                {wanted && (names.includes(wanted) ? <p className="small soft">{t('run_name_there')}</p> : <Snippet configuration={configuration} section={{ name: 'listen', values: { names: all } }} />)}
            </section>
        </>
    );
}

const WAYS = { implicit: 465, starttls: 587, none: 25 } as const;
type Way = keyof typeof WAYS;

export const Mail = () => <Of>{(configuration) => <Sending configuration={configuration} />}</Of>;

function Sending({ configuration }: { configuration: Configuration }) {
    const of = (key: string) => settingOf(configuration, `mail.${key}`);
    const [mail, set] = useState({ server: of('server'), from: of('from'), user: of('user'), password_file: of('password_file'), tls: (of('tls') || 'implicit') as Way });
    const change = (part: Partial<typeof mail>) => set((before) => ({ ...before, ...part }));
    const { server, from, user, password_file, tls } = mail;
    return (
        <>
            {of('server') ? (
                <Known facts={[[t('run_mail_server'), `${of('server')}:${of('port')}`], [t('run_mail_tls'), t(`run_tls_${(of('tls') || 'implicit') as Way}`), true], [t('run_mail_from'), of('from')], [t('run_mail_user'), of('user')]]} />
            ) : <Notice icon="mail">{t('run_no_mail')}</Notice>}
            <section className="stack">
                <h3>{t('run_change')}</h3>
                <div className="grid">
                    <Field label={t('run_mail_server')} value={server} onChange={(server) => change({ server })} placeholder="smtp.example.org" autoComplete="off" />
                    <Pick label={t('run_mail_tls')} value={tls} onChange={(tls) => change({ tls: tls as Way })} choices={(Object.keys(WAYS) as Way[]).map((id) => ({ id, name: t(`run_tls_${id}`), hint: String(WAYS[id]) }))} />
                    <Field label={t('run_mail_from')} type="email" value={from} onChange={(from) => change({ from })} placeholder="video@example.org" autoComplete="off" />
                    <Field label={t('run_mail_user')} value={user} onChange={(user) => change({ user })} autoComplete="off" />
                    <Field label={t('run_mail_password')} hint={t('run_mail_password_hint')} value={password_file} onChange={(password_file) => change({ password_file })} placeholder="/etc/audiagram/mail-password" autoComplete="off" />
                </div>
                {server.trim() && <Snippet configuration={configuration} section={{ name: 'mail', values: { server: server.trim(), port: WAYS[tls], tls, from: from.trim(), user: user.trim(), password_file: password_file.trim() } }} />}
            </section>
        </>
    );
}

export const Backup = () => <Of>{(configuration) => <Destination configuration={configuration} />}</Of>;

function Destination({ configuration }: { configuration: Configuration }) {
    const session = useSession();
    const folder = settingOf(configuration, 'upkeep.backups');
    const backups = useQuery({ ...backupsQuery, enabled: folder !== '' && (session?.can('system:backup') ?? false) });
    const [path, go] = useState(folder || '/backup/audiagram');
    const [kept, keep] = useState(settingOf(configuration, 'upkeep.keep_backups') || '0');
    const last = backups.data?.find(({ whole }) => whole);
    const held = Number(settingOf(configuration, 'upkeep.keep_backups'));
    const changed = path.trim() !== folder || Number(kept) !== held;
    const backUp = () => void act(['upkeep', 'backups'], () => client.POST('/v1/backups', { body: {} }), t('backup_begun'));
    return (
        <>
            {folder ? (
                <>
                    <Known facts={[[t('run_folder'), folder], [t('run_kept'), held ? number(held) : t('run_kept_all'), true], [t('run_last'), last ? `${moment(last.made)} · ${bytes(last.bytes)}` : t('never'), true]]} />
                    {!last && <Notice tone="warn">{t('run_no_backup')}</Notice>}
                    <div className="row"><Action icon="download" onPress={backUp}>{t('back_up')}</Action></div>
                    <Errands tasks={['backup']} />
                </>
            ) : <Notice tone="warn">{t('run_no_folder')}</Notice>}
            <section className="stack">
                <h3>{t('run_change')}</h3>
                <div className="grid">
                    <Field label={t('run_folder')} hint={t('run_folder_hint')} value={path} onChange={go} autoComplete="off" />
                    <Field label={t('run_kept')} hint={t('run_kept_hint')} value={kept} onChange={keep} inputMode="numeric" pattern="[0-9]{1,4}" autoComplete="off" />
                </div>
                {changed && path.trim() && <Snippet configuration={configuration} section={{ name: 'upkeep', values: { backups: path.trim(), keep_backups: Number(kept) || undefined } }} />}
            </section>
        </>
    );
}
