import { isOutsideSql, outboxTableSql } from '../postgres/outbox-table.ts';

/** What notices changes of registers made past the cache; versions grow with them as with ours. */
export const registerOutboxSql = `
${outboxTableSql};
CREATE FUNCTION registers_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    INSERT INTO write_through_outbox (key) VALUES (NULL);
    RETURN NULL;
  END IF;
  NEW.version := OLD.version + 1;
  INSERT INTO write_through_outbox (key) VALUES ('register:' || NEW.id);
  RETURN NEW;
END $$;
CREATE TRIGGER registers_changed BEFORE UPDATE ON registers
  FOR EACH ROW WHEN (${isOutsideSql}) EXECUTE FUNCTION registers_changed();
CREATE TRIGGER registers_truncated AFTER TRUNCATE ON registers
  FOR EACH STATEMENT EXECUTE FUNCTION registers_changed()`;
