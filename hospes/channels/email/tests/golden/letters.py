"""What people wrote, in thirty-three languages, and how the programs of their languages introduce what they answer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Letter:
    """quoted: how Gmail introduces what is answered. labels: of Outlook, for the same. codecs: before UTF-8."""

    language: str
    name: str
    subject: str
    text: str
    quoted: str
    codecs: tuple[str, ...] = ()
    labels: tuple[str, str, str, str] | None = None


US = "Kaldera <support@kaldera.example>"
EARLIER = "Thank you for your order 4711."  # what we wrote, in every language the same

LETTERS = (
    Letter("en", "Megan O’Brien", "Re: Your order 4711", "The tank arrived, but the lid is cracked.\n\nCould you send a new one before the weekend?",
           f"On Mon, 16 Nov 2026 at 10:15, {US} wrote:", ("cp1252",), ("From", "Sent", "To", "Subject")),
    Letter("de", "Jürgen Groß", "AW: Ihre Bestellung 4711", "Der Tank ist da, aber der Deckel hat einen Riss.\n\nKönnen Sie mir bis Freitag einen neuen schicken? Schöne Grüße",
           f"Am Mo., 16. Nov. 2026 um 10:15 Uhr schrieb {US}:", ("iso8859_15", "cp1252"), ("Von", "Gesendet", "An", "Betreff")),
    Letter("fr", "Éloïse Lefèvre", "Re : Votre commande n° 4711", "Le réservoir est arrivé, mais le couvercle est fêlé.\n\nPourriez-vous m’en envoyer un autre à la même adresse ?",
           f"Le lun. 16 nov. 2026 à 10:15, {US} a écrit :", ("cp1252",), ("De", "Envoyé", "À", "Objet")),
    Letter("es", "José Muñoz", "RE: Su pedido n.º 4711", "El depósito llegó, pero la tapa está rota.\n\n¿Pueden enviarme otra antes del próximo miércoles?",
           "El lun, 16 nov 2026 a las 10:15, Kaldera (<support@kaldera.example>) escribió:", ("cp1252", "iso8859_1"), ("De", "Enviado", "Para", "Asunto")),
    Letter("it", "Niccolò Bianchi", "R: Il Suo ordine 4711", "Il serbatoio è arrivato, però il coperchio è rotto.\n\nPotreste spedirmene un altro? Così non perdo più acqua.",
           f"Il giorno lun 16 nov 2026 alle ore 10:15 {US} ha scritto:", ("cp1252",), ("Da", "Inviato", "A", "Oggetto")),
    Letter("pt", "João Conceição", "RE: A sua encomenda 4711", "O depósito chegou, mas a tampa está partida.\n\nPodem enviar-me outra até sexta-feira? Não há pressa.",
           f"Em seg., 16 de nov. de 2026 às 10:15, {US} escreveu:", ("cp1252",), ("De", "Enviada em", "Para", "Assunto")),
    Letter("nl", "Daniël van der Meër", "RE: Uw bestelling 4711", "De tank is aangekomen, maar het deksel is gebarsten.\n\nKunt u mij vóór vrijdag een nieuwe sturen?",
           f"Op ma 16 nov 2026 om 10:15 schreef {US}:", ("cp1252",), ("Van", "Verzonden", "Aan", "Onderwerp")),
    Letter("sv", "Åsa Öström", "SV: Din beställning 4711", "Tanken har kommit, men locket är sprucket.\n\nKan ni skicka ett nytt före helgen? Hälsningar från Örebro",
           f"Den mån 16 nov. 2026 kl 10:15 skrev {US}:", ("cp1252",), ("Från", "Skickat", "Till", "Ämne")),
    Letter("da", "Søren Kjær", "SV: Din ordre 4711", "Tanken er kommet, men låget er revnet.\n\nKan I sende et nyt, før det bliver weekend? Jeg bor stadig på Ærø.",
           f"Den man. 16. nov. 2026 kl. 10.15 skrev {US}:", ("cp1252",), ("Fra", "Sendt", "Til", "Emne")),
    Letter("nb", "Bjørn Ødegård", "SV: Bestillingen din 4711", "Tanken har kommet, men lokket er sprukket.\n\nKan dere sende et nytt før helgen? Jeg er på hytta på søndag.",
           f"man. 16. nov. 2026 kl. 10:15 skrev {US}:", ("cp1252",), ("Fra", "Sendt", "Til", "Emne")),
    Letter("fi", "Päivi Mäkelä", "VS: Tilauksenne 4711", "Säiliö saapui, mutta kansi on säröillä.\n\nVoitteko lähettää uuden ennen viikonloppua? Tässä kiire ei ole.",
           "ma 16. marrask. 2026 klo 10.15 Kaldera (support@kaldera.example) kirjoitti:", ("cp1252",), ("Lähettäjä", "Lähetetty", "Vastaanottaja", "Aihe")),
    Letter("is", "Þórður Ægisson", "SV: Pöntunin þín 4711", "Tankurinn er kominn en lokið er sprungið.\n\nGetið þið sent mér nýtt fyrir helgina? Það væri frábært.",
           f"mán., 16. nóv. 2026 kl. 10:15 skrifaði {US}:", ("cp1252",)),
    Letter("pl", "Łukasz Wójcik", "Odp: Zamówienie 4711", "Zbiornik dotarł, ale pokrywa jest pęknięta.\n\nCzy możecie wysłać nową przed weekendem? Dziękuję i życzę miłego dnia.",
           f"pon., 16 lis 2026 o 10:15 {US} napisał(a):", ("iso8859_2", "cp1250"), ("Od", "Wysłano", "Do", "Temat")),
    Letter("cs", "Jiří Dvořák", "RE: Vaše objednávka 4711", "Nádrž dorazila, ale víko je prasklé.\n\nMůžete mi poslat nové ještě před víkendem? Děkuji, s přáním pěkného dne.",
           f"po 16. 11. 2026 v 10:15 odesílatel {US} napsal:", ("iso8859_2", "cp1250"), ("Od", "Odesláno", "Komu", "Předmět")),
    Letter("sk", "Ľubica Kováčová", "RE: Vaša objednávka 4711", "Nádrž prišla, ale veko je prasknuté.\n\nMôžete mi poslať nové ešte pred víkendom? Ďakujem veľmi pekne.",
           f"po 16. 11. 2026 o 10:15 {US} napísal(a):", ("cp1250",), ("Od", "Odoslané", "Komu", "Predmet")),
    Letter("sl", "Žiga Črnič", "Odg: Vaše naročilo 4711", "Rezervoar je prišel, pokrov pa je počen.\n\nMi lahko pošljete novega še pred koncem tedna? Že vnaprej hvala.",
           f"V V pon., 16. nov. 2026 ob 10:15 je oseba {US} napisala:", ("cp1250", "iso8859_2")),
    Letter("hr", "Đurđica Šarić", "Re: Vaša narudžba 4711", "Spremnik je stigao, ali je poklopac napuknut.\n\nMožete li mi poslati novi još prije vikenda? Hvala što ćete to riješiti.",
           f"pon, 16. stu 2026. u 10:15 {US} napisao je:", ("cp1250",)),
    Letter("hu", "Szőke Őrsolya", "Vá: 4711. számú rendelés", "A tartály megérkezett, de a fedele repedt.\n\nTudnának küldeni egy újat még a hétvége előtt? Előre is köszönöm a segítséget.",
           f"{US} ezt írta (időpont: 2026. nov. 16., H, 10:15):", ("iso8859_2",), ("Feladó", "Elküldve", "Címzett", "Tárgy")),
    Letter("ro", "Ştefan Ţurcanu", "Re: Comanda 4711", "Rezervorul a ajuns, dar capacul este crăpat.\n\nÎmi puteţi trimite altul până vineri? Mulţumesc şi vă doresc o zi bună.",
           f"În lun., 16 nov. 2026 la 10:15, {US} a scris:", ("iso8859_2",)),
    Letter("tr", "Gülşah Işık", "YNT: 4711 numaralı siparişiniz", "Depo geldi ama kapağı çatlamış.\n\nHafta sonundan önce yenisini gönderebilir misiniz? Şimdiden teşekkür ederim.",
           f"{US}, 16 Kas 2026 Pzt, 10:15 tarihinde şunu yazdı:", ("iso8859_9", "cp1254"), ("Kimden", "Gönderme Tarihi", "Kime", "Konu")),
    Letter("el", "Αλέξανδρος Παπαδόπουλος", "ΑΠ: Η παραγγελία σας 4711", "Το δοχείο έφτασε, αλλά το καπάκι έχει ραγίσει.\n\nΜπορείτε να μου στείλετε ένα καινούργιο πριν από το Σάββατο; Ευχαριστώ πολύ.",
           f"Στις Δευ 16 Νοε 2026 στις 10:15 π.μ., ο/η {US} έγραψε:", ("cp1253", "iso8859_7"), ("Από", "Στάλθηκε", "Προς", "Θέμα")),
    Letter("ru", "Наталья Щербакова", "Re: Ваш заказ 4711", "Бак пришёл, но крышка треснула.\n\nНе могли бы вы прислать новую до выходных? Заранее большое спасибо за помощь.",
           f"пн, 16 нояб. 2026 г. в 10:15, {US}:", ("koi8_r", "cp1251"), ("От", "Отправлено", "Кому", "Тема")),
    Letter("uk", "Їжакевич Ґанна", "Re: Ваше замовлення 4711", "Бак приїхав, але кришка тріснула.\n\nЧи можете ви надіслати нову до вихідних? Щиро дякую вам за допомогу.",
           f"пн, 16 лист. 2026 р. о 10:15 {US} пише:", ("koi8_u", "cp1251")),
    Letter("bg", "Живко Щерев", "Re: Вашата поръчка 4711", "Резервоарът пристигна, но капакът е счупен.\n\nБихте ли изпратили нов преди края на седмицата? Благодаря ви предварително.",
           f"На пн, 16.11.2026 г. в 10:15 {US} написа:", ("cp1251",)),
    Letter("he", "נועה ברקוביץ׳", "Re: הזמנה 4711", "המיכל הגיע אבל המכסה סדוק.\n\nהאם תוכלו לשלוח חדש לפני סוף השבוע? תודה רבה על העזרה.",
           "\u202bבתאריך יום ב׳, 16 בנוב׳ 2026 ב-10:15 מאת \u202aKaldera\u202c\u200f <\u202asupport@kaldera.example\u202c\u200f>:\u202c",
           ("cp1255",), ("מאת", "נשלח", "אל", "נושא")),
    Letter("ar", "عمر الحربي", "رد: طلبكم رقم 4711", "وصل الخزان لكن الغطاء مكسور.\n\nهل يمكنكم إرسال غطاء جديد قبل نهاية الأسبوع؟ شكرا جزيلا لكم على المساعدة.",
           f"في الاثنين، 16 نوفمبر 2026 في 10:15 ص تمت كتابة ما يلي بواسطة {US}:", ("cp1256",), ("من", "تم الإرسال", "إلى", "الموضوع")),
    Letter("ja", "佐藤 愛子", "Re: ご注文 4711 の件", "タンクは届きましたが、ふたにひびが入っています。\n\n週末までに新しいものを送っていただけますか。よろしくお願いいたします。",
           f"2026年11月16日(月) 10:15 {US}:", ("iso2022_jp", "cp932", "euc_jp"), ("差出人", "送信日時", "宛先", "件名")),
    Letter("zh-Hans", "陈晓梅", "回复: 您的订单 4711", "水箱收到了，但是盖子裂了。\n\n能不能在周末之前再寄一个新的过来？非常感谢你们的帮助。",
           f"{US} 于2026年11月16日周一 10:15写道：", ("gb2312", "gb18030"), ("发件人", "发送时间", "收件人", "主题")),
    Letter("zh-Hant", "林雅婷", "回覆: 您的訂單 4711", "水箱收到了，但是蓋子裂開了。\n\n請問能不能在週末之前再寄一個新的過來？非常感謝您的協助。",
           f"{US} 於 2026年11月16日 週一 上午10:15寫道：", ("big5",), ("寄件者", "寄件日期", "收件者", "主旨")),
    Letter("ko", "김민준", "RE: 주문 4711", "탱크는 도착했는데 뚜껑에 금이 갔습니다.\n\n주말 전에 새 뚜껑을 보내 주실 수 있나요? 도와주셔서 감사합니다.",
           "2026년 11월 16일 (월) 오전 10:15, Kaldera <support@kaldera.example>님이 작성:", ("euc_kr", "cp949"), ("보낸 사람", "보낸 날짜", "받는 사람", "제목")),
    Letter("th", "สมชาย ใจดี", "Re: คำสั่งซื้อ 4711", "ถังมาถึงแล้ว แต่ฝาแตก\n\nช่วยส่งฝาใหม่ให้ก่อนวันหยุดได้ไหมครับ ขอบคุณมากครับ",
           f"ในวันที่ จ. 16 พ.ย. 2026 เวลา 10:15 {US} เขียนว่า:", ("cp874",)),
    Letter("vi", "Nguyễn Thị Hằng", "Re: Đơn hàng 4711", "Bình đã đến nhưng nắp bị nứt.\n\nXin vui lòng gửi nắp mới trước cuối tuần được không? Cảm ơn rất nhiều.",
           f"Vào Th 2, 16 thg 11, 2026 vào lúc 10:15 {US} đã viết:"),
    Letter("id", "Dewi Lestari", "Bls: Pesanan Anda 4711", "Tangkinya sudah sampai, tetapi tutupnya retak.\n\nBisakah dikirim yang baru sebelum akhir pekan? Terima kasih banyak.",
           f"Pada tanggal Sen, 16 Nov 2026 pukul 10.15 {US} menulis:", ("ascii",)),
)  # fmt: skip
