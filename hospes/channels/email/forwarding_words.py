"""The words by which mail programs in many languages mark what they forward. Data for `forwarding.py`.

Only words stand here, no patterns: a language is added by adding its words to the lines below.
"""

from __future__ import annotations

# What stands over a forwarded message and over nothing else: a reply never says so.
TITLES = """
forwarded message, begin forwarded message, forwarded email, forwarded mail, forwarded by, weitergeleitete nachricht, anfang der weitergeleiteten nachricht, weitergeleitete e-mail,
message transféré, message transmis, message réexpédié, début du message réexpédié, début du message transféré, mensaje reenviado, inicio del mensaje reenviado, missatge reenviat,
mensagem encaminhada, mensagem reencaminhada, início da mensagem encaminhada, início da mensagem reencaminhada, messaggio inoltrato, inizio messaggio inoltrato, inizio del messaggio inoltrato,
doorgestuurd bericht, begin doorgestuurd bericht, videresendt besked, videresendt meddelelse, videresendt melding, start på videresendt besked, start på videresendt melding, starten på den videresendte melding, begynnelse på videresendt melding,
vidarebefordrat meddelande, vidarebefordrat brev, vidarebefordrat mejl, börja på vidarebefordrat meddelande, början på vidarebefordrat meddelande, vidarebefordrat mail, välitetty viesti, edelleenlähetetty viesti, välitetty viesti alkaa,
edastatud kiri, edastatud sõnum, pārsūtītais ziņojums, pārsūtīta ziņa, persiųstas laiškas, wiadomość przekazana, przekazana wiadomość, wiadomość przesłana dalej, treść przekazanej wiadomości, początek przekazywanej wiadomości, początek przekazanej wiadomości,
přeposlaná zpráva, začátek přeposílané zprávy, začátek přeposlané zprávy, preposlaná správa, začiatok preposlanej správy, posredovano sporočilo, začetek posredovanega sporočila,
proslijeđena poruka, započni proslijeđenu poruku, početak proslijeđene poruke, прослеђена порука, почетак прослеђене поруке, továbbított üzenet, továbbított levél, továbbított levél kezdete, a továbbított üzenet kezdete,
mesaj redirecționat, mesaj redirectionat, mesaj retrimis, începutul mesajului redirecționat, începe mesajul redirecționat, препратено съобщение, начало на препратеното съобщение, пересылаемое сообщение, перенаправленное сообщение, пересланное сообщение, начало переадресованного сообщения,
переслане повідомлення, пересланий лист, перенаправлене повідомлення, початок листа що пересилається, початок пересланого повідомлення, προωθημένο μήνυμα, αρχή προωθημένου μηνύματος, iletilen mesaj, iletilmiş mesaj, yönlendirilmiş ileti, yönlendirilen ileti, iletilmiş ileti, iletilen ileti, i̇letilen ileti, i̇letilmiş mesaj, i̇letilen mesaj, i̇letilmiş ileti, yönlendirilen ileti başlangıcı, iletinin başlangıcı,
رسالة معاد توجيهها, الرسالة المعاد توجيهها, بداية الرسالة المعاد توجيهها, הודעה שהועברה, תחילת ההודעה שהועברה, پیام فوروارد شده, अग्रेषित संदेश, ข้อความที่ส่งต่อ, เริ่มข้อความที่ส่งต่อ, เริ่มข้อความที่ถูกส่งต่อ, thư được chuyển tiếp, tin nhắn đã chuyển tiếp, pesan terusan, pesan yang diteruskan, mesej dimajukan,
転送されたメッセージ, 転送メッセージ, メッセージを転送, 転送メール, 转发的消息, 转发的原邮件, 转发邮件信息, 转发的邮件, 轉寄郵件, 轉寄的郵件, 轉寄訊息, 전달된 메시지, 전달된 메일, 전달 메시지
"""

# What a mail program writes before the colon of a subject when it forwards.
PREFIXES = """
fw, fwd, wg, tr, rv, i, vs, vl, vb, pd, enc, ilt, i̇lt, doorst, videresend, vidarebefordra, redir, redir., trs, továbbítás, továb, fs, pren, прп, пересл, πρθ, προωθ, 転送, 转发, 轉寄, 轉發, 전달, ส่งต่อ, chuyển tiếp, trs, إعادة توجيه, הועבר, doorgestuurd, přepo, odp fw
"""

# The same when it replies.
REPLY_PREFIXES = """
re, aw, antw, antwort, sv, vs re, r, res, rép, rif, odp, ynt, yan, bls, tb, να, απ, σχετ, hf, atb, rv re, 回复, 回覆, 答复, 答覆, 返信, 답장, 회신, رد, השב, ตอบกลับ, trả lời, отг, отв, відп, vá, válasz, y, rsp, på
"""

# Words that stand beside a name in the sentence over a quotation and are no part of it.
FILLERS = """
heeft, hat, je, oseba, időpontban, používateľ, użytkownik, uživatel, пользователь, користувач, потребител, kasutaja, lietotājas, vartotojas, at, a las, às, kl, klo, um, uhr, om, ob, o, u, à, alle, ore, en, sa, am, pm, a.m., p.m., by, von, от, від, av, af, de, door, da, skrev, schrieb, schreef, на, в, у
"""
