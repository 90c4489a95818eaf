-- A copy of a database must not act as the recorders' ERP: their keys end, their bots sleep, their addresses go.
DELETE FROM res_users_apikeys WHERE user_id IN (SELECT bot_user_id FROM cctv_recorder WHERE bot_user_id IS NOT NULL);
UPDATE res_users SET active = false WHERE id IN (SELECT bot_user_id FROM cctv_recorder WHERE bot_user_id IS NOT NULL);
UPDATE cctv_recorder SET bot_user_id = NULL, key_index = NULL, key_expires = NULL, url = NULL;
UPDATE cctv_camera_source SET secret_user = NULL, secret_password = NULL;
-- an address of earlier versions may hold a password in its query, parameters or path
UPDATE cctv_camera_source SET url = regexp_replace(url, '([?;&]|/[^/?;&]*(=|%3D)).*$', '', 'i');
UPDATE cctv_recorder_job SET state = 'cancelled', secret = NULL WHERE state IN ('queued', 'claimed');
