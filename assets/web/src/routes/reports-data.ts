// Reports, their runs and schedules, as the appliance has them.
import { client, data, pages, type Schemas } from '../api/client';
import { language } from '../i18n';

export type Detail = Schemas['ReportDetail'];
export type Document = Schemas['Report'];
export type Run = Schemas['ReportRun'];
export type Schedule = Schemas['ReportSchedule'];
export type Cadence = Schemas['ReportCadence'];
export type Delivery = Schemas['ReportDelivery'];

export const of = (report: string) => ({ params: { path: { report } } });
export const reportsQuery = { queryKey: ['reports'], queryFn: () => pages((after) => data(client.GET('/v1/reports', { params: { query: { limit: 200, after } } }))) };
export const templatesQuery = (tongue: string) => ({ queryKey: ['reports', 'templates', tongue], queryFn: () => data(client.GET('/v1/reports/templates', { params: { query: { language: tongue } } })), staleTime: Infinity });
export const reportQuery = (report: string) => ({ queryKey: ['report', report], queryFn: () => data(client.GET('/v1/reports/{report}', of(report))) });
export const runsQuery = (report: string) => ({ queryKey: ['report', report, 'runs'], queryFn: () => data(client.GET('/v1/reports/{report}/runs', { params: { path: { report }, query: { limit: 100 } } })) });
export const schedulesQuery = (report: string) => ({ queryKey: ['report', report, 'schedules'], queryFn: () => data(client.GET('/v1/reports/{report}/schedules', of(report))) });

/** Monday is 0. */
export const weekday = (at: number) => new Intl.DateTimeFormat(language() === 'en-XA' ? 'en' : language(), { weekday: 'long', timeZone: 'UTC' }).format(Date.UTC(2024, 0, 1 + at));
