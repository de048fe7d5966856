// What passwords must be in this workspace, beyond what the appliance asks of any.
import { useQuery } from '@tanstack/react-query';
import { client, data, ifMatch, type Schemas } from '../api/client';
import { queries } from '../app/queries';
import { number, t } from '../i18n';
import { Show } from '../kit/bits';
import { Field, SendForm } from '../kit/form';
import { Guard } from '../kit/leaving';
import { tell } from '../kit/toast';

type Rules = Schemas['PasswordRules'];

export function PasswordRules({ may }: { may: boolean }) {
    const rules = useQuery({ queryKey: ['password-rules'], queryFn: () => data(client.GET('/v1/password-rules')) });
    return (
        <section className="card padded stack" aria-labelledby="password-rules">
            <div className="stack tight"><h2 id="password-rules">{t('password_rules')}</h2><p className="soft">{t('password_rules_intro')}</p></div>
            <Show of={rules} lines={3}>{(rules) => may ? <RulesForm key={rules.version} rules={rules} /> : <Told rules={rules} />}</Show>
        </section>
    );
}

function RulesForm({ rules }: { rules: Rules }) {
    const { min_chars, remembered, max_age_days, blocked } = rules.bounds;
    const shown = (value?: number | null) => (value == null ? '' : String(value));
    return (
        <SendForm submit={t('save')} onSend={async (values) => {
            const read = (name: string) => (values[name]?.trim() ? Number(values[name]) : null);
            const words = (values.blocked ?? '').split('\n').map((word) => word.trim()).filter(Boolean);
            const body = { min_chars: read('min_chars'), remembered: read('remembered') ?? 0, max_age_days: read('max_age_days'), blocked: words };
            queries.setQueryData(['password-rules'], await data(client.PATCH('/v1/password-rules', { params: { header: ifMatch(rules.version) }, body })));
            void queries.invalidateQueries({ queryKey: ['own-password-rules'] });
            tell(t('saved'));
        }}>
            <Guard />
            <div className="grid">
                <Field name="min_chars" type="number" label={t('password_min_chars')} hint={t('own_least', { least: number(min_chars.least), most: number(min_chars.most) })} defaultValue={shown(rules.min_chars)} placeholder={String(min_chars.least)} range={{ min: min_chars.least, max: min_chars.most }} />
                <Field name="remembered" type="number" label={t('password_remembered')} hint={t('password_remembered_hint', { most: number(remembered.most) })} defaultValue={shown(rules.remembered)} range={{ min: 0, max: remembered.most }} isRequired />
                <Field name="max_age_days" type="number" label={t('password_max_age_days')} hint={t('password_max_age_days_hint')} defaultValue={shown(rules.max_age_days)} placeholder={t('never')} range={{ min: max_age_days.least, max: max_age_days.most }} />
            </div>
            <Field name="blocked" label={t('password_blocked')} hint={t('password_blocked_hint', { most: number(blocked) })} lines defaultValue={rules.blocked.join('\n')} />
        </SendForm>
    );
}

const Told = ({ rules }: { rules: Rules }) => (
    <dl className="limits">
        <div><dt>{t('password_min_chars')}</dt><dd>{number(rules.min_chars ?? rules.bounds.min_chars.least)}</dd></div>
        <div><dt>{t('password_remembered')}</dt><dd>{number(rules.remembered)}</dd></div>
        <div><dt>{t('password_max_age_days')}</dt><dd>{rules.max_age_days == null ? t('never') : number(rules.max_age_days)}</dd></div>
        <div><dt>{t('password_blocked')}</dt><dd>{rules.blocked.join(', ') || '–'}</dd></div>
    </dl>
);
