// An address that leads nowhere, or to what is gone: said where one can go on from.
import { Link } from '@tanstack/react-router';
import { Page } from '../app/shell';
import { t } from '../i18n';
import { Empty } from '../kit/bits';

export function Missing() {
    return (
        <Page crumbs={[{ name: t('error_missing') }]}>
            <h1 className="hidden">{t('error_missing')}</h1>
            <Empty icon="search" title={t('error_missing')} action={<Link to="/" className="button primary">{t('to_start')}</Link>}>{t('error_missing_detail')}</Empty>
        </Page>
    );
}
