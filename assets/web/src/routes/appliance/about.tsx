// What is running, what it is made of, and under which licences.
import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { client, data, type Schemas } from '../../api/client';
import { ago, moment, number, t } from '../../i18n';
import { Badge, Show } from '../../kit/bits';
import { Field } from '../../kit/form';
import { LongTable } from '../../kit/long-table';
import { Table, type Column } from '../../kit/table';

type Package = Schemas['ShippedPackage'];

export function About() {
    const about = useQuery({ queryKey: ['appliance', 'about'], queryFn: () => data(client.GET('/v1/appliance/about')) });
    return (
        <>
            <Show of={about} lines={4}>{(shown) => <Running about={shown} />}</Show>
            <Licences />
        </>
    );
}

function Running({ about }: { about: Schemas['About'] }) {
    const facts: [string, string, boolean?][] = [
        [t('about_version'), about.version],
        [t('about_build'), about.build === 'release' ? t('about_release') : t('about_debug')],
        [t('about_commit'), about.commit ?? t('about_no_commit'), !!about.commit],
        [t('about_region'), about.region],
        [t('about_started'), `${moment(about.started)} (${ago(about.started)})`],
        [t('about_machine'), `${about.architecture}, Linux ${about.kernel}`],
        [t('about_features'), about.features.join(', ')],
        [t('about_endpoints'), number(about.endpoints)],
    ];
    const columns: Column<Schemas['Library']>[] = [
        { id: 'name', name: t('name'), cell: ({ name }) => <strong>{name}</strong> },
        { id: 'version', name: t('version_number'), cell: ({ version }) => <span className="num">{version}</span> },
        { id: 'licence', name: t('licence'), cell: ({ licence }) => licence },
    ];
    return (
        <>
            <section className="card padded stack">
                <h2>{t('about_running')}</h2>
                <dl className="known">
                    {facts.map(([name, value, mono]) => <div key={name}><dt>{name}</dt><dd className={mono ? 'mono' : undefined}>{value}</dd></div>)}
                </dl>
            </section>
            <section className="stack tight">
                <h2>{t('about_libraries')}</h2>
                <p className="soft">{t('about_libraries_hint')}</p>
                <Table caption={t('about_libraries')} columns={columns} rows={about.libraries} rowKey={({ name }) => name} />
            </section>
        </>
    );
}

function Licences() {
    const licences = useQuery({ queryKey: ['appliance', 'licences'], queryFn: () => data(client.GET('/v1/appliance/licences')), staleTime: Infinity });
    const parts: Column<Schemas['ShippedPart']>[] = [
        { id: 'part', name: t('licence_part'), cell: ({ part }) => <span lang="en">{part}</span> },
        { id: 'licence', name: t('licence'), cell: ({ licence }) => <span lang="en">{licence}</span> },
        { id: 'ships', name: t('licence_ships'), cell: ({ ships }) => <span lang="en" className="soft">{ships}</span> },
    ];
    return (
        <Show of={licences} lines={6}>
            {(shown) => (
                <>
                    <section className="card padded stack">
                        <h2>{t('licences')}</h2>
                        <div className="prose" lang="en" dir="ltr">{shown.terms.map((text) => <p key={text}>{text}</p>)}</div>
                    </section>
                    <section className="stack tight">
                        <h2>{t('licence_parts')}</h2>
                        <Table caption={t('licence_parts')} columns={parts} rows={shown.parts} rowKey={({ part }) => part} />
                    </section>
                    <Packages packages={shown.packages} />
                </>
            )}
        </Show>
    );
}

function Packages({ packages }: { packages: Package[] }) {
    const [wanted, want] = useState('');
    const has = (text: string) => text.toLowerCase().includes(wanted.trim().toLowerCase());
    const rows = packages.filter(({ name, licence }) => has(name) || has(licence));
    const columns: Column<Package>[] = [
        { id: 'name', name: t('name'), cell: ({ name }) => <span className="mono">{name}</span> },
        { id: 'version', name: t('version_number'), cell: ({ version }) => <span className="num">{version}</span> },
        { id: 'licence', name: t('licence'), cell: ({ licence }) => licence },
        { id: 'from', name: t('licence_from'), cell: ({ from }) => <Badge>{from === 'npm' ? 'npm' : 'crates.io'}</Badge> },
    ];
    return (
        <section className="stack tight">
            <h2>{t('licence_packages')}</h2>
            <p className="soft">{t('licence_packages_hint')}</p>
            <div className="row wrap tools"><Field label={t('licence_find')} value={wanted} onChange={want} /></div>
            <LongTable caption={t('licence_packages')} columns={columns} rows={rows} rowKey={({ from, name, version }) => `${from} ${name} ${version}`} />
        </section>
    );
}
