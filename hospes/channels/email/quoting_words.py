"""The words by which mail programs in many languages mark what they quote. Data for `quoting.py`.

Only words stand here, no patterns: a language is added by adding its words to the lines below.
"""

from __future__ import annotations

# "wrote", at the end of the line over a quotation or in the middle of it.
WROTE = """
wrote, writes, schrieb, schreibt, geschrieben, hat geschrieben, a écrit, escribió, escribía, escreveu, va escriure, escribiu,
idatzi du, ha scritto, scrive, schreef, heeft geschreven, het volgende geschreven, skrev, skrifaði, kirjoitti, kirjutas, rakstīja,
rašė, parašė, napisał, napisała, napisał(a), napisał/a, pisze, pisał, napsal, napsala, napsal(a), píše, napísal, napísala, napísal(a),
je napisal, je napisala, je napisal/-a, napisal, napisala, napisal(a), napisana przez, je pisal, piše, je napisao, je napisala, je napisao/la, napisao, napisao/la,
је написао, је написала, је написао/ла, написао/ла, написао, írta, ezt írta, a következőt írta, a scris, scrie, написа, написал, написала, написал(а), пишет,
писал, вы писали, ты писал, пише, написав, написала, написав(-ла), пишаў, напісаў, έγραψε, έγραψες, yazdı, şunu yazdı, şunları yazdı, yazmış, كتب, كتبت,
נכתב, כתב, כתבה, כתב/ה, نوشت, نوشته است, ने लिखा, लिखा, লিখেছেন, เขียนว่า, เขียน, đã viết, viết, menulis, menulis:, sumulat,
のメール, のメッセージ, さんは書きました, は書きました, が書きました, 写道, 寫道, 来信, 님이 작성, 작성, 님의 메시지, shkroi, ka shkruar,
aliandika, skryf, geskryf, գրել է, գրել է․, գրել է.
"""

# The word before the colon in a block of copied header lines; the sender's line is the one that counts.
FROM = """
from, von, de, da, van, fra, från, lähettäjä, od, feladó, kimden, gönderen, от, від, από, de la, expeditorul, від кого, od koho, от кого, expéditeur, remitente, remetente,
mittente, afzender, avsender, avsändare, afsender, saatja, nuo, siuntėjas, sūtītājs, odesílatel, odosielateľ, nadawca, pošiljatelj,
pošiljalec, šalje, expeditor, подател, адресант, отправитель, відправник, αποστολέας, من, المرسل, người gửi, מאת, از, فرستنده, प्रेषक, จาก, từ, dari, daripada,
mula kay, 差出人, 送信者, 送信元, 发件人, 寄件者, 寄件人, 發件人, 보낸 사람, 보낸사람, 보낸이, message du, frá, nga, од, nork
"""
SUBJECTS = """
subject, betreff, objet, sujet, asunto, assunto, oggetto, ogg, onderwerp, emne, ämne, aihe, teema, tēma, tema, temat, předmět, predmet, zadeva,
tárgy, subiect, subiectul, тема, относно, наслов, предмет, θέμα, konu, الموضوع, נושא, موضوع, विषय, เรื่อง, หัวข้อ, chủ đề, subjek, perihal,
件名, 主题, 主旨, 主題, 제목, paksa, efni, assumpte, gaia, subjekti, naslov
"""
OTHERS = """
sent, date, to, cc, bcc, reply-to, importance, attachments, sent at, sent on,
gesendet, datum, an, kopie, antwort an, envoyé, envoyé le, à, a, copie à, date d'envoi, pour,
enviado, enviado el, enviada em, enviado em, para, fecha, data, cco, cc:, inviato, per conto di,
verzonden, aan, sendt, til, dato, kopi, skickat, till, kopia, lähetetty, vastaanottaja, päiväys, päivämäärä, kopio,
saadetud, kellele, kuupäev, nosūtīts, kam, datums, išsiųsta, kam, data, wysłano, do, dw, odesláno, komu,
odoslané, poslano, za, kp, elküldve, küldve, dátum, címzett, másolat, trimis, trimis la, către, dată,
изпратено, послато, poslato, wysłane, nosūtīts, до, дата, отправлено, кому, копия, надіслано, копія, дата, послато, датум, στάλθηκε, ημερομηνία, προς, κοιν, κοινοποίηση,
gönderildi, gönderilme, gönderilme tarihi, tarih, kime, bilgi, تاريخ الإرسال, التاريخ, إلى, أرسل, تم الإرسال, نسخة, נשלח, תאריך, אל, עבור, עותק, ارسال, ارسال شده, تاریخ, به, رونوشت,
भेजा गया, भेजा, दिनांक, प्रति, ส่ง, วันที่, ถึง, สำเนา, ngày, đến, gửi, đã gửi, tới, tanggal, kepada, dikirim, dihantar, tarikh,
寄件日期, 已傳送, 傳送日期, 傳送時間, 寄件時間, 送信日時, 送信先, 日付, 日時, 宛先, 送信日, 发送时间, 发送日期, 發送時間, 时间, 時間, 日期, 收件人, 收件者, 抄送, 副本, 보낸 날짜, 날짜, 받는 사람, 받는사람, 참조,
prima, pre, kópia, adresat, másolatot kap, destinatarul, destinatar, kopie (cc), petsa, sent:, dags, skickat:, bidalia, nori, enviat, per a, data:, dërguar
"""

# What stands between dashes over a quoted or forwarded message.
SEPARATORS = """
original message, original appointment, original email, original mail, forwarded message, forwarded by, begin forwarded message, reply message, reply above this line,
please reply above this line, please type your reply above this line, type your reply above this line, please write your reply above this line, write above this line to reply, weitergeleitete nachricht, ursprüngliche nachricht, original-nachricht, originalnachricht, anfang der weitergeleiteten nachricht,
message d'origine, message original, mail original, e-mail original, mail d'origine, e-mail d'origine, message transféré, message initial, message du, début du message réexpédié, mensaje original, mensaje reenviado, inicio del mensaje reenviado,
mensagem original, mensagem encaminhada, início da mensagem encaminhada, missatge original, missatge reenviat, messaggio originale, messaggio inoltrato, inizio messaggio inoltrato,
oorspronkelijk bericht, origineel bericht, doorgestuurd bericht, begin doorgestuurd bericht, oprindelig besked, oprindelig meddelelse, videresendt meddelelse, videresendt besked,
opprinnelig melding, videresendt melding, opprinnelig e-post, ursprungligt meddelande, originalmeddelande, vidarebefordrat meddelande, vidarebefordrat brev, alkuperäinen viesti, välitetty viesti,
edelleenlähetetty viesti, algne sõnum, edastatud kiri, sākotnējais ziņojums, pārsūtītais ziņojums, pradinis laiškas, persiųstas laiškas, oryginalna wiadomość, wiadomość oryginalna, wiadomość przekazana,
treść przekazanej wiadomości, treść oryginalnej wiadomości, původní zpráva, původní e-mail, přeposlaná zpráva, přeposlaná wiadomość, pôvodná správa, preposlaná správa, izvirno sporočilo, posredovano sporočilo,
izvorna poruka, proslijeđena poruka, originalna poruka, оригинална порука, прослеђена порука, eredeti üzenet, továbbított üzenet, továbbított levél, mesaj original, mesaj redirecționat, mesajul original,
оригинално съобщение, препратено съобщение, исходное сообщение, пересылаемое сообщение, перенаправленное сообщение, пересланное сообщение, вихідне повідомлення, переслане повідомлення, пересланий лист,
αρχικό μήνυμα, προωθημένο μήνυμα, orijinal mesaj, özgün ileti, iletilen mesaj, iletilmiş mesaj, yönlendirilmiş ileti, الرسالة الأصلية, رسالة معاد توجيهها, الرسالة المعاد توجيهها, הודעה מקורית, ההודעה המקורית, הודעה שהועברה,
پیام اصلی, پیام فوروارد شده, मूल संदेश, अग्रेषित संदेश, ข้อความต้นฉบับ, ข้อความที่ส่งต่อ, thư gốc, tin nhắn gốc, thư được chuyển tiếp, pesan asli, pesan terusan, mesej asal,
元のメッセージ, 元のメール, オリジナルメッセージ, 転送されたメッセージ, 转发的消息, 转发邮件信息, 原始邮件, 邮件原件, 原始信件, 原邮件, 回复的原邮件, 转发的原邮件, 原始郵件, 轉寄郵件, 轉寄的郵件, 원본 메시지, 원본메일, 원본 메일, 전달된 메시지, original viðstödd skilaboð, mezu originala, mesazhi origjinal
"""

# What another desk writes over its letter: the answer belongs above. Counts only beside a word for answering.
ABOVE_THIS_LINE = """
above this line, above the line, above line, über dieser zeile, oberhalb dieser zeile, über dieser linie, oberhalb dieser linie, au-dessus de cette ligne, encima de esta línea, arriba de esta línea, sobre esta línea,
acima desta linha, acima dessa linha, per damunt d'aquesta línia, sopra questa riga, sopra questa linea, sopra di questa riga, boven deze lijn, boven deze regel, ovanför denna rad, ovanför den här raden, ovanför denna linje, over denne linje, over denne linjen, over linjen,
tämän rivin yläpuolelle, tämän viivan yläpuolelle, selle joone kohale, virs šīs līnijas, virš šios linijos, powyżej tej linii, nad tą linią, nad tento řádek, nad tuto čáru, nad tento riadok, nad túto čiaru, nad to vrstico, nad to črto, nad tom vrsticom, iznad ove linije, iznad ove crte,
изнад ове линије, ezen sor fölé, a vonal fölé, deasupra acestei linii, deasupra acestui rând, над този ред, над тази линия, выше этой линии, выше этой строки, над этой чертой, вище цього рядка, вище цієї лінії, πάνω από αυτή τη γραμμή, πάνω από αυτήν τη γραμμή, bu satırın üstüne, bu satırın üzerine, bu çizginin üstüne,
فوق هذا السطر, أعلى هذا السطر, فوق هذا الخط, מעל שורה זו, מעל לשורה זו, מעל הקו הזה, بالای این خط, इस पंक्ति के ऊपर, เหนือบรรทัดนี้, phía trên dòng này, trên dòng này, di atas garis ini, di atas baris ini, この行より上, この線より上, この行の上, 此行上方, 此行之上, 这行上方, 此線上方, 此行以上, 이 줄 위에, 이 선 위에
"""
ANSWERING = """
repl, respon, answer, type, write, comment, antwort, schreib, répon, écri, respuesta, escrib, respost, escrev, rispo, scriv, antwoord, reageer, typ, svar, skriv, vasta, kirjoita, vasta, atbild, atsaky, odpow, odpov, pište, píšte, odgov, piši, одгов, válasz, írj, răspun, scrie, отговор, ответ, відпові, απάντ, απαντ, yanıt, cevap, yaz,
رد, الرد, اكتب, הש, כתוב, תגובה, پاسخ, उत्तर, जवाब, ตอบ, trả lời, balas, 返信, 回答, ご記入, 记入, 回复, 回覆, 答复, 답장, 회신, 답변
"""

# Lines that telephones and mail programs put under a message.
SENT_FROM = """
sent from, sent via, sent with, sent using, get outlook for, download outlook for, envoyé de mon, envoyé depuis, envoyé à partir de, envoyé avec, télécharger outlook pour, obtenez outlook pour,
gesendet von, gesendet mit, hol dir outlook für, holen sie sich outlook für, enviado desde, enviado con, enviado de, enviado do meu, enviado a partir do, obtener outlook para, obter o outlook para, enviat des de,
inviato da, inviato dal, inviato con, scarica outlook per, verzonden vanaf, verzonden met, verstuurd vanaf, verstuurd met, outlook voor, sendt fra, sendt med, skickat från, skickades från, hämta outlook för, hent outlook for,
saadetud minu, nosūtīts no, išsiųsta iš, wysłane z, wysłano z, wysłano ze, pobierz outlook, odesláno z, odoslané z, poslano z, poslano iz, poslano s, послато са, küldve, trimis de pe, trimis din, изпратено от, отправлено с, отправлено из, надіслано з, надіслано із, στάλθηκε από το, εστάλη από,
أرسلت من, أُرسلت من, مرسل من, تم الإرسال من, مُرسل من, נשלח מה, נשלח מ, ارسال شده از, ส่งจาก, gửi từ, được gửi từ, dikirim dari, dihantar daripada, 从我的, 發自我的, 发自我的, 從我的, 来自我的, 來自我的, 傳送自, 从小米, 发自小米, 来自小米, 从华为, 发自华为, 来自华为, 获取 outlook, 下载 outlook, 获取适用于, 下载适用于, 取得 outlook, 取得 ios 版, 取得 android 版, الحصول على outlook, تنزيل outlook, احصل على outlook, קבל את outlook, scarica outlook, pobierz program outlook, получить outlook, скачать outlook, отримати outlook, outlook'u edinin
"""

# The same where the verb stands at the end: counts only beside the name of a device or program.
SENT_FROM_LAST = """
gesendet, küldve, lähetetty, gönderildi, から送信, 에서 보냄, भेजा गया, を入手, を取得, をダウンロード, 다운로드, 받기, herunterladen, herunter, 发来的邮件, 傳來的郵件, edinin, indirin
"""

# What companies have under every letter, as parts of words; and what scanners and lists add.
DISCLAIMERS = """
confidential, privileged, intended recipient, intended solely, disclaimer, checked for virus, scanned for virus, virus-free, virus free, mailing list, unsubscribe, vertraulich, bestimmten empfänger, auf viren, virenfrei, confidentiel, destinataire, sans virus, confidencial, destinatari,
libre de virus, livre de vírus, riservat, privo di virus, vertrouwelijk, fortrolig, konfidentiell, luottamuksell, konfidentsiaal, konfidenciāl, konfidencial, poufn, důvěrn, dôvern, zaupn, povjerlj, поверљив, bizalmas, confidențial, confidenţial, поверителн,
конфиденц, конфіденц, εμπιστευτικ, απόρρητ, gizlidir, gizli bilgi, سرية, סודי, חסוי, محرمانه, गोपनीय, เป็นความลับ, bảo mật, rahasia, 機密, 机密, 保密, 守秘, 기밀, trúnaðar
"""

# A whole line that takes leave; the name follows under it.
CLOSINGS = """
regards, best regards, kind regards, kindest regards, warm regards, warmest regards, many regards, with regards, with kind regards, with best regards, thanks and regards, thanks & regards, best wishes, with best wishes, cheers, yours faithfully,
mit freundlichen grüßen, mit freundlichem gruß, mit freundlichen grüssen, freundliche grüße, freundliche grüsse, viele grüße, viele grüsse, liebe grüße, liebe grüsse, beste grüße, beste grüsse, schöne grüße, herzliche grüße, mit besten grüßen, mfg, lg, vg, gruß, gruss,
cordialement, bien cordialement, très cordialement, sincères salutations, meilleures salutations, bien à vous, bien à toi, salutations distinguées, bonne journée, bonne soirée, amicalement,
saludos, un saludo, saludos cordiales, un cordial saludo, cordialmente, atentamente, muchos saludos, salutacions, atenciosamente, att, abraços, cumprimentos, com os melhores cumprimentos, melhores cumprimentos, cordiais saudações,
cordiali saluti, distinti saluti, saluti, un saluto, un cordiale saluto, met vriendelijke groet, met vriendelijke groeten, vriendelijke groet, vriendelijke groeten, groeten, groetjes, mvg, med venlig hilsen, venlig hilsen, mvh, hilsen, de bedste hilsner, med vennlig hilsen, vennlig hilsen, beste hilsen,
med vänliga hälsningar, vänliga hälsningar, hälsningar, ystävällisin terveisin, terveisin, parhain terveisin, lugupidamisega, parimate soovidega, ar cieņu, pagarbiai, su pagarba, pozdrawiam, z poważaniem, serdecznie pozdrawiam, z wyrazami szacunku, s pozdravem, s pozdravom, s přátelským pozdravem, zdravím,
lep pozdrav, lepo pozdravljeni, s spoštovanjem, prijazen pozdrav, lp, srdačan pozdrav, s poštovanjem, pozdrav, lijep pozdrav, срдачан поздрав, с поштовањем, üdvözlettel, tisztelettel, köszönettel és üdvözlettel, cu stimă, cu respect, cu drag, с уважение, поздрави, с уважением, с наилучшими пожеланиями,
з повагою, з найкращими побажаннями, με εκτίμηση, φιλικά, με φιλικούς χαιρετισμούς, saygılarımla, iyi çalışmalar, selamlar, مع التحية, مع أطيب التحيات, تحياتي, مع تحياتي, مع خالص التحية, مع خالص التحيات, مع أطيب تحياتي, وتفضلوا بقبول فائق الاحترام, בברכה, בכבוד רב, با احترام, با تشکر, सादर, ขอแสดงความนับถือ, trân trọng, thân mến, trân trọng kính chào, salam, salam hormat, hormat saya, 敬具, 以上, 宜しくお願い致します, よろしくお願いいたします, よろしくお願いします, 此致, 祝好, 敬上, 감사합니다, 안녕히 계세요
"""


def words(lines: str) -> frozenset[str]:
    """The words of one of the texts above."""
    return frozenset(
        word.strip().casefold() for word in lines.replace("\n", ",").split(",") if word.strip()
    )
