// Two days, written or chosen from a calendar.
import { getLocalTimeZone, parseDate, today, type CalendarDate } from '@internationalized/date';
import { Button, CalendarCell, CalendarGrid, CalendarGridBody, CalendarGridHeader, CalendarHeaderCell, DateInput, DateRangePicker, DateSegment, FieldError, Group, Label, Popover, RangeCalendar } from 'react-aria-components/DateRangePicker';
import { Dialog } from 'react-aria-components/Dialog';
import { Heading } from 'react-aria-components/Heading';
import { I18nProvider } from 'react-aria-components/I18nProvider';
import { region, t } from '../i18n';
import { Icon } from './icon';
import './dates.css';

/** Days of years that four digits write. */
const EARLIEST = parseDate('1970-01-01');

function read(value: string): { start: CalendarDate; end: CalendarDate } | null {
    const [from = '', to = ''] = value.split('/');
    try {
        const [start, end] = [parseDate(from), parseDate(to)];
        return start.compare(end) <= 0 ? { start, end } : null;
    } catch {
        return null;
    }
}

type Props = { label: string; value: string; onChange: (value: string) => void };

/** `value`: `2026-11-01/2026-11-30`, both days in it; the last thirty days where it is none. */
export default function Dates({ label, value, onChange }: Props) {
    const now = today(getLocalTimeZone());
    // Days are written as the region writes them, as everywhere on the page.
    return (
        <I18nProvider locale={region()}><DateRangePicker
            className="field dates" value={read(value) ?? { start: now.subtract({ days: 29 }), end: now }} minValue={EARLIEST} maxValue={now}
            onChange={(range) => range && range.start.compare(EARLIEST) >= 0 && range.start.compare(range.end) <= 0 && range.end.compare(now) <= 0 && onChange(`${range.start}/${range.end}`)}
        >
            <Label>{label}</Label>
            <Group className="input dates-group">
                <DateInput slot="start" className="dates-input">{(segment) => <DateSegment segment={segment} className="dates-part" />}</DateInput>
                <span aria-hidden="true">–</span>
                <DateInput slot="end" className="dates-input">{(segment) => <DateSegment segment={segment} className="dates-part" />}</DateInput>
                <Button className="button quiet only"><Icon name="down" /></Button>
            </Group>
            <FieldError className="error" />
            <Popover className="popover dates-popover">
                <Dialog className="dates-dialog" aria-label={label}>
                    <RangeCalendar>
                        <header className="row apart">
                            <Button slot="previous" className="button quiet only"><span className="back"><Icon name="next" /></span></Button>
                            <Heading className="dates-month" />
                            <Button slot="next" className="button quiet only"><Icon name="next" /></Button>
                        </header>
                        <CalendarGrid className="dates-grid">
                            <CalendarGridHeader>{(day) => <CalendarHeaderCell className="small soft">{day}</CalendarHeaderCell>}</CalendarGridHeader>
                            <CalendarGridBody>{(date) => <CalendarCell date={date} className="dates-day" />}</CalendarGridBody>
                        </CalendarGrid>
                    </RangeCalendar>
                    <p className="small soft">{t('dates_hint')}</p>
                </Dialog>
            </Popover>
        </DateRangePicker></I18nProvider>
    );
}
