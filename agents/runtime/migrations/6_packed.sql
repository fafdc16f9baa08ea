-- Up Migration
-- Records of an emission compressed as one: a session's evidence is half a megabyte. Null: in `keys`, `headers` and `bodies`, as an older version wrote it.
ALTER TABLE emissions ADD packed bytea;
ALTER TABLE emissions ALTER packed SET STORAGE EXTERNAL;

-- Down Migration
ALTER TABLE emissions DROP packed;
