// The certificate that is served, and whose word is taken for others.
import { useQuery } from '@tanstack/react-query';
import type { Schemas } from '../../api/client';
import { certificatesQuery } from '../../app/first-run-asked';
import { ago, day, moment, number, t } from '../../i18n';
import { Badge, Meter, Notice, Show, type Tone } from '../../kit/bits';
import { Table, type Column } from '../../kit/table';

type Identity = Schemas['CertificateIdentity'];
type Trusted = Schemas['TrustedAuthorities'];
const tone = (days: number): Tone => (days < 0 ? 'bad' : days < 21 ? 'warn' : 'good');
const left = (days: number) => (days < 0 ? t('cert_ended') : t('cert_n_days_left', { n: days }));

export function Certificates() {
    const certificates = useQuery(certificatesQuery);
    return (
        <Show of={certificates} lines={6}>
            {({ served, trusted, warnings }) => (
                <>
                    {warnings.map(({ code, detail }) => <Notice key={code + detail} tone="warn"><span lang="en">{detail}</span></Notice>)}
                    <Served served={served} />
                    <TrustedOnes trusted={trusted} />
                </>
            )}
        </Show>
    );
}

function Served({ served: { own, file, chain, renewed_from, looked } }: { served: Schemas['ServedCertificate'] }) {
    const [leaf, ...others] = chain;
    return (
        <section className="card padded stack">
            <div className="row wrap apart">
                <div className="stack tight"><h2>{t('cert_served')}</h2><p className="soft">{own ? t('cert_own') : t('cert_given')}</p></div>
                {leaf && <Badge tone={tone(leaf.days_left)}>{left(leaf.days_left)}</Badge>}
            </div>
            {leaf && <Facts of={leaf} />}
            <dl className="known">
                <div><dt>{t('cert_file')}</dt><dd className="mono">{file}</dd></div>
                {renewed_from && <div><dt>{t('cert_renewed_from')}</dt><dd>{day(renewed_from)}</dd></div>}
                <div><dt>{t('cert_looked')}</dt><dd>{looked ? ago(looked.at) : t('cert_looked_at_start')}</dd></div>
            </dl>
            {others.length > 0 && <Chain chain={others} />}
        </section>
    );
}

function Facts({ of }: { of: Identity }) {
    const [from, until] = [of.not_before, of.not_after].map((at) => new Date(at).getTime()) as [number, number];
    const gone = until > from ? (Date.now() - from) / (until - from) : 1;
    return (
        <>
            <dl className="known">
                <div><dt>{t('cert_subject')}</dt><dd>{of.subject}</dd></div>
                <div><dt>{t('cert_issuer')}</dt><dd>{of.self_signed ? t('cert_itself') : of.issuer}</dd></div>
                <div><dt>{t('cert_key')}</dt><dd>{of.key}</dd></div>
                <div><dt>{t('cert_from')}</dt><dd>{moment(of.not_before)}</dd></div>
                <div><dt>{t('cert_until')}</dt><dd>{moment(of.not_after)}</dd></div>
                <div className="whole"><dt>{t('cert_names')}</dt><dd className="mono">{of.names.join(', ')}</dd></div>
                <div className="whole"><dt>{t('cert_fingerprint')}</dt><dd className="mono">{of.fingerprint}</dd></div>
            </dl>
            <Meter share={gone} label={t('cert_time_gone')} tone={tone(of.days_left)} />
        </>
    );
}

function Chain({ chain }: { chain: Identity[] }) {
    const columns: Column<Identity>[] = [
        { id: 'subject', name: t('cert_subject'), cell: ({ subject }) => subject },
        { id: 'issuer', name: t('cert_issuer'), cell: ({ issuer, self_signed }) => (self_signed ? t('cert_itself') : issuer) },
        { id: 'until', name: t('cert_until'), cell: ({ not_after }) => day(not_after) },
        { id: 'left', name: t('state'), cell: ({ days_left }) => <Badge tone={tone(days_left)}>{left(days_left)}</Badge> },
    ];
    return <Table caption={t('cert_chain')} columns={columns} rows={chain} rowKey={({ fingerprint }) => fingerprint} />;
}

function TrustedOnes({ trusted }: { trusted: Trusted[] }) {
    const columns: Column<Trusted>[] = [
        { id: 'for', name: t('cert_for'), cell: ({ setting }) => <span><strong>{t(`cert_for_${setting.split('.')[0] as 'outbound' | 'mail' | 'audit'}`)}</strong><br /><span className="small soft mono">{setting}</span></span> },
        { id: 'file', name: t('cert_where'), cell: ({ of_system, file }) => (of_system ? t('cert_of_system') : <span className="mono">{file}</span>) },
        { id: 'count', name: t('cert_count'), end: true, cell: ({ count }) => <span className="num">{number(count)}</span> },
        { id: 'ended', name: t('cert_of_these_ended'), end: true, cell: ({ ended }) => <span className="num">{number(ended)}</span> },
    ];
    const own = trusted.flatMap(({ certificates }) => certificates);
    return (
        <section className="stack tight">
            <h2>{t('cert_trusted')}</h2>
            <p className="soft">{t('cert_trusted_hint')}</p>
            <Table caption={t('cert_trusted')} columns={columns} rows={trusted} rowKey={({ setting }) => setting} />
            {own.length > 0 && <Chain chain={own} />}
        </section>
    );
}
