// What the machine and the appliance have and lack: what is to be mended first, each with why it matters and what to do.
import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { client, data, type Schemas } from '../../api/client';
import { doctorQuery } from '../../app/first-run-asked';
import { queries } from '../../app/queries';
import { ago, number, t } from '../../i18n';
import { Action, Badge, Empty, Show, type Tone } from '../../kit/bits';
import { Segments } from '../../kit/choose';
import { tellError } from '../../kit/toast';

type Finding = Schemas['Finding'];
const TONES: Record<Finding['state'], Tone> = { ok: 'good', warn: 'warn', fail: 'bad', skip: 'plain' };
const FIRST: Finding['state'][] = ['fail', 'warn', 'skip', 'ok'];
const AREAS: Finding['area'][] = ['appliance', 'machine', 'videos'];
const ask = () => data(client.GET('/v1/appliance/doctor', { params: { query: { anew: true } } }));

export function Doctor() {
    const findings = useQuery(doctorQuery);
    const [looking, look] = useState(false);
    const again = async () => {
        look(true);
        await ask().then((found) => queries.setQueryData(doctorQuery.queryKey, found), tellError);
        look(false);
    };
    return <Show of={findings} lines={8}>{(found) => <Found found={found} looking={looking} again={() => void again()} />}</Show>;
}

function Found({ found, looking, again }: { found: Schemas['Findings']; looking: boolean; again: () => void }) {
    const of = (state: Finding['state']) => found.checks.filter((check) => check.state === state);
    const bad = found.checks.filter(({ state }) => state === 'fail' || state === 'warn');
    const [all, show] = useState(bad.length === 0);
    const shown = all ? FIRST.flatMap(of) : FIRST.flatMap((state) => bad.filter((check) => check.state === state));
    return (
        <>
            <section className="card padded row wrap apart">
                <div className="stack tight">
                    <h2>{bad.length === 0 ? t('doctor_well') : t('doctor_n_to_mend', { n: bad.length })}</h2>
                    <p className="row wrap">
                        {FIRST.map((state) => of(state).length > 0 && <Badge key={state} tone={TONES[state]}>{number(of(state).length)} {t(`doctor_${state}`)}</Badge>)}
                        <span className="small soft">{t('doctor_looked', { ago: ago(found.looked) })}</span>
                    </p>
                </div>
                <Action look="primary" icon="redo" isPending={looking} onPress={again}>{t('doctor_again')}</Action>
            </section>
            <Segments
                label={t('doctor_shown')} value={all ? 'all' : 'bad'} onChange={(id) => show(id === 'all')}
                choices={[{ id: 'bad', name: t('doctor_to_mend') }, { id: 'all', name: t('doctor_all') }]}
            />
            {shown.length === 0 && <Empty icon="check" title={t('doctor_well')} />}
            {AREAS.map((area) => {
                const checks = shown.filter((check) => check.area === area);
                return checks.length > 0 && (
                    <section key={area} className="stack tight">
                        <h2>{t(`doctor_area_${area}`)}</h2>
                        <ul className="card findings">{checks.map((check) => <Check key={`${check.name} ${check.detail}`} check={check} />)}</ul>
                    </section>
                );
            })}
        </>
    );
}

// The doctor's words are the program's own, in English, as on the command line.
function Check({ check: { name, state, detail, why, remedy } }: { check: Finding }) {
    return (
        <li>
            <div><Badge tone={TONES[state]}>{t(`doctor_${state}`)}</Badge></div>
            <div className="stack tight" lang="en" dir="ltr">
                <p><strong>{name}</strong> <span className="soft">{why}</span></p>
                <p>{detail}</p>
                {remedy && state !== 'ok' && <p className="remedy">{remedy.replaceAll('`', '')}</p>}
            </div>
        </li>
    );
}
