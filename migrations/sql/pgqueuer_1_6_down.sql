-- Takes away what pgqueuer_1_6.sql made.

DROP TRIGGER tg_pgqueuer_changed ON pgqueuer;

DROP FUNCTION fn_pgqueuer_changed();

DROP TABLE pgqueuer;

DROP TABLE pgqueuer_log;

DROP TABLE pgqueuer_schedules;

DROP TABLE pgqueuer_statistics;

DROP TYPE pgqueuer_status;
