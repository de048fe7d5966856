// Who one is: the name that others see, and the address to sign in with.
import { useQuery } from '@tanstack/react-query';
import { client, data, ifMatch, type Schemas } from '../api/client';
import { queries, useSession } from '../app/queries';
import { t, tOr } from '../i18n';
import { Badge, Show } from '../kit/bits';
import { Field, SendForm } from '../kit/form';
import { Guard } from '../kit/leaving';
import { tell } from '../kit/toast';
import './portal.css';

export function Profile() {
    const session = useSession();
    const id = session?.id ?? '';
    const self = useQuery({ queryKey: ['member', id], queryFn: () => data(client.GET('/v1/members/{user}', { params: { path: { user: id } } })) });
    const may = session?.can('member:update') ?? false;
    return (
        <section className="card padded stack">
            <div className="row apart"><h2>{t('profile')}</h2>{self.data && <span className="row"><span className="small soft">{t('clearance')}</span><Badge>{tOr(`class_${self.data.clearance}`, self.data.clearance)}</Badge></span>}</div>
            <Show of={self} lines={2}>{(self) => may ? <Form key={self.version} self={self} /> : <Facts self={self} />}</Show>
        </section>
    );
}

const Form = ({ self }: { self: Schemas['Member'] }) => (
    <SendForm submit={t('save')} onSend={async ({ name = '', email = '' }) => {
        const changed = await data(client.PATCH('/v1/members/{user}', { params: { path: { user: self.id }, header: ifMatch(self.version) }, body: { name: name.trim(), email: email.trim() } }));
        queries.setQueryData(['member', self.id], changed);
        tell(t('saved'));
        await queries.invalidateQueries({ queryKey: ['members'] });
    }}>
        <Guard />
        <div className="grid">
            <Field name="name" label={t('your_name')} defaultValue={self.name} isRequired maxLength={100} autoComplete="name" />
            <Field name="email" type="email" label={t('email')} hint={t('email_signs_in')} defaultValue={self.email ?? ''} isRequired maxLength={254} autoComplete="email" />
        </div>
    </SendForm>
);

const Facts = ({ self }: { self: Schemas['Member'] }) => (
    <>
        <dl className="facts">
            <div><dt>{t('your_name')}</dt><dd>{self.name}</dd></div>
            <div><dt>{t('email')}</dt><dd>{self.email}</dd></div>
        </dl>
        <p className="small soft">{t('profile_by_admin')}</p>
    </>
);
