// How long people stay signed in: as the appliance has it, or less.
import { useQuery } from '@tanstack/react-query';
import { client, data, ifMatch, type Schemas } from '../api/client';
import { queries } from '../app/queries';
import { lasting, number, t } from '../i18n';
import { Show } from '../kit/bits';
import { Field, SendForm } from '../kit/form';
import { Guard } from '../kit/leaving';
import { tell } from '../kit/toast';

type Rules = Schemas['SessionRules'];
const MINUTE = 60;
/** The fields, and the size of the unit in which people say them. */
const FIELDS = { idle_s: MINUTE, absolute_s: 60 * MINUTE, step_up_s: MINUTE, per_user: 1 } as const;
type Name = keyof typeof FIELDS;
const NAMES = Object.keys(FIELDS) as Name[];
const show = (name: Name, value: number) => (name === 'per_user' ? number(value) : lasting(value));

export function SessionRules({ may }: { may: boolean }) {
    const rules = useQuery({ queryKey: ['session-rules'], queryFn: () => data(client.GET('/v1/session-rules')) });
    return (
        <section className="card padded stack" aria-labelledby="session-rules">
            <div className="stack tight"><h2 id="session-rules">{t('session_rules')}</h2><p className="soft">{t('session_rules_intro')}</p></div>
            <Show of={rules} lines={3}>{(rules) => may ? <RulesForm key={rules.version} rules={rules} /> : <Told rules={rules} />}</Show>
        </section>
    );
}

function RulesForm({ rules }: { rules: Rules }) {
    return (
        <SendForm submit={t('save')} onSend={async (values) => {
            const read = (name: Name) => (values[name]?.trim() ? Math.round(Number(values[name]) * FIELDS[name]) : null);
            const body = { idle_s: read('idle_s'), absolute_s: read('absolute_s'), step_up_s: read('step_up_s'), per_user: read('per_user') };
            queries.setQueryData(['session-rules'], await data(client.PATCH('/v1/session-rules', { params: { header: ifMatch(rules.version) }, body })));
            void queries.invalidateQueries({ queryKey: ['sessions'] });
            tell(t('saved'));
        }}>
            <Guard />
            <div className="grid">
                {NAMES.map((name) => {
                    const { least, most } = rules.bounds[name];
                    const [own, size] = [rules[name], FIELDS[name]];
                    return (
                        <Field
                            key={name} name={name} type="number" label={t(`session_${name}`)} hint={t(name === 'per_user' ? 'own_number' : 'own_time', { most: show(name, most) })}
                            defaultValue={own == null ? '' : String(own / size)} placeholder={String(most / size)} range={{ min: least / size, max: most / size, step: name === 'absolute_s' ? 0.25 : 1 }}
                        />
                    );
                })}
            </div>
        </SendForm>
    );
}

const Told = ({ rules }: { rules: Rules }) => (
    <dl className="limits">
        {NAMES.map((name) => <div key={name}><dt>{t(`session_${name}`)}</dt><dd>{show(name, rules[name] ?? rules.bounds[name].most)}</dd></div>)}
    </dl>
);
