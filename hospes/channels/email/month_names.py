"""What the months are called, January first: names and their short forms in sixty languages. Data for `moments.py`.

Words that name one month here and another there (lipiec and lipanj are both cut to "lip") are left out.
"""

from __future__ import annotations

MONTHS = (
    """
    ean, ene, enero, gen, gener, gennaio, ian, ianuarie, ion, ionawr, jaan, jaanuar, jan, janar, janeiro, jannar, januar, januari, januarie, january, janv, janvier, led, leden, ledna, oca, ocak, saus, sausio, sausis, sij, sty, stycznia, tammi, tammikuu, tammikuuta, urt, urtarrila, xan, xaneiro, yan, yanvar, eanáir, január, januára, janvāris, janúar, jänner, siječanj, siječnja, styczeń, ιαν, ιανουάριοσ, ιανουαρίου, сту, студзень, студзеня, січ, січень, січня, янв, январь, января, яну, януари, јан, јануар, јануари, қаң, қаңтар, հնվ, հունվար, հունվարի, ינואר, ינו׳, جنوری, يناير, ژانویه, ژانویهٔ, जनवरी, जन॰, জানু, জানুয়ারী, ஜன, ஜனவரி, జన, జనవరి, ม.ค, มกราคม, იან, იანვარი
    """,
    """
    chw, chwef, chwefror, feabh, feabhra, feb, febbraio, febr, febreiro, febrer, febrero, februar, februari, februarie, february, fev, fevereiro, fevr, fevral, fra, frar, helmi, helmikuu, helmikuuta, lut, lutego, luty, ots, otsaila, shk, shkurt, vas, vasario, vasaris, veebr, veebruar, velj, február, februára, februāris, febrúar, févr, février, veljača, veljače, úno, únor, února, şub, şubat, φεβ, φεβρουάριοσ, φεβρουαρίου, ақп, ақпан, лют, лютага, лютий, лютого, люты, феб, фебруар, фев, февр, февраль, февраля, февруари, փետրվար, փետրվարի, փտվ, פברואר, פבר׳, فبراير, فروری, فوریه, فوریهٔ, फ़रवरी, फ़र॰, ফেব, ফেব্রুয়ারী, பிப், பிப்ரவரி, ఫిబ్ర, ఫిబ్రవరి, ก.พ, กุมภาพันธ์, თებ, თებერვალი
    """,
    """
    kov, kovas, kovo, maalis, maaliskuu, maaliskuuta, maart, mac, machi, mar, marca, march, marec, maret, mars, mart, martie, marts, martxoa, marzec, marzo, marzu, maw, mawrth, mrt, mrz, bře, březen, března, març, março, márc, március, márta, mär, märts, märz, ožu, ožujak, ožujka, μάρ, μάρτιοσ, μαρ, μαρτίου, бер, березень, березня, мар, март, марта, нау, наурыз, сак, сакавік, сакавіка, մարտ, մարտի, մրտ, מרץ, مارس, مارچ, मार्च, মার্চ, மார், மார்ச், మార్చి, มี.ค, มีนาคม, მარ, მარტი
    """,
    """
    abr, abril, aib, api, apirila, apr, aprel, april, aprile, aprili, aprilie, aprill, avr, avril, bal, balandis, d'abr, d'abril, dub, duben, dubna, ebr, ebrill, huhti, huhtikuu, huhtikuuta, kwi, kwietnia, nis, nisan, pri, prill, tra, travanj, travnja, aibreán, apríl, apríla, aprīlis, balandžio, kwiecień, ápr, április, απρ, απρίλιοσ, απριλίου, апр, апрель, апреля, април, квіт, квітень, квітня, кра, красавік, красавіка, сәу, сәуір, ապր, ապրիլ, ապրիլի, אפריל, אפר׳, آوریل, أبريل, اپریل, अप्रैल, এপ্রি, এপ্রিল, ஏப், ஏப்ரல், ఏప్రి, ఏప్రిల్, เม.ย, เมษายน, აპრ, აპრილი
    """,
    """
    beal, bealtaine, geg, mag, maggio, mai, maiatza, maig, maijs, maio, maj, maja, may, mayo, mei, mej, mejju, svi, svibanj, svibnja, touko, toukokuu, toukokuuta, gegužė, gegužės, kvě, květen, května, mayıs, maí, máj, mája, május, μάι, μάιοσ, μαΐ, μαΐου, май, мам, мамыр, мая, мај, трав, травень, травня, մայիս, մայիսի, մյս, מאי, مئی, مايو, مه, مهٔ, मई, মে, மே, మే, พ.ค, พฤษภาคม, მაი, მაისი
    """,
    """
    cze, czerwca, czerwiec, eka, ekaina, giu, giugno, haz, haziran, iun, iunie, iyn, iyun, juin, jun, june, junho, juni, junie, junij, junio, juny, juuni, lipanj, lipnja, meh, mehefin, meith, meitheamh, qer, qershor, birž, birželio, birželis, jún, júna, június, júní, jūn, jūnijs, kesä, kesäkuu, kesäkuuta, xuño, červen, června, čvn, ġun, ġunju, ιουν, ιουνίου, ιούν, ιούνιοσ, июн, июнь, июня, мау, маусым, черв, червень, червня, чэр, чэрвень, чэрвеня, юни, јун, јуни, հնս, հունիս, հունիսի, יוני, جون, يونيو, ژوئن, जून, জুন, ஜூன், జూన్, มิ.ย, มิถุนายน, ივნ, ივნისი
    """,
    """
    gor, gorff, gorffennaf, iul, iulie, iyl, iyul, juil, juillet, jul, julai, julho, juli, julie, julij, julio, juliol, july, juuli, korr, korrik, liep, liepa, liepos, lipca, lipiec, lug, luglio, lul, lulju, srpanj, srpnja, tem, temmuz, uzt, uztaila, xul, xullo, heinä, heinäkuu, heinäkuuta, iúil, júl, júla, július, júlí, jūl, jūlijs, července, červenec, čvc, ιουλ, ιουλίου, ιούλ, ιούλιοσ, июл, июль, июля, лип, липень, липня, ліп, ліпень, ліпеня, шіл, шілде, юли, јул, јули, հլս, հուլիս, հուլիսի, יולי, جولائی, يوليو, ژوئیه, ژوئیهٔ, जुलाई, जुल॰, জুল, জুলাই, ஜூலை, జులై, ก.ค, กรกฎาคม, ივლ, ივლისი
    """,
    """
    abu, abuztua, ag, ago, agost, agosti, agosto, agu, agustus, aout, aug, august, augusta, augusti, augusts, augustus, augusztus, avg, avgust, avq, avqust, awst, aww, awwissu, d'ag, d'agost, elo, elokuu, elokuuta, gush, gusht, kol, kolovoz, kolovoza, ogo, ogos, rugp, sie, sierpnia, srpen, srpna, août, ağu, ağustos, lún, lúnasa, rugpjūtis, rugpjūčio, sierpień, ágú, ágúst, αυγ, αυγούστου, αύγ, αύγουστοσ, авг, август, августа, жні, жнівень, жніўня, серп, серпень, серпня, там, тамыз, օգոստոս, օգոստոսի, օգս, אוגוסט, אוג׳, أغسطس, اوت, اگست, अगस्त, अग॰, আগ, আগস্ট, ஆக, ஆகஸ்ட், ఆగ, ఆగస్టు, ส.ค, สิงหาคม, აგვ, აგვისტო
    """,
    """
    eyl, ira, iraila, medi, rugs, ruj, rujan, rujna, sen, sentabr, sentyabr, sep, sept, septemba, septembar, september, septembra, septembre, septembrie, septembris, septiembre, set, setembre, setembro, setiembre, settembre, settembru, sht, shtator, syys, syyskuu, syyskuuta, szept, szeptember, wrz, eylül, mfómh, rugsėjis, rugsėjo, wrzesień, września, zář, září, σεπ, σεπτέμβριοσ, σεπτεμβρίου, вер, верасень, верасня, вересень, вересня, сент, сентябрь, сентября, сеп, септембар, септември, қыр, қыркүйек, սեպ, սեպտեմբեր, սեպտեմբերի, ספטמבר, ספט׳, سبتمبر, ستمبر, سپتامبر, सितंबर, सित॰, সেপ, সেপ্টেম্বর, செப், செப்டம்பர், సెప్టెం, సెప్టెంబర్, ก.ย, กันยายน, სექ, სექტემბერი
    """,
    """
    d'oct, d'octubre, eki, ekim, hyd, hydref, loka, lokakuu, lokakuuta, oct, october, octobre, octombrie, octubre, okt, oktabr, oktoba, oktobar, oktober, oktobris, oktoober, oktyabr, ott, ottobre, ottubru, out, outubro, spal, spalio, spalis, tet, tetor, urr, urria, dfómh, október, októbra, paź, październik, października, říj, říjen, října, οκτ, οκτωβρίου, οκτώβριοσ, жовт, жовтень, жовтня, кас, кастрычнік, кастрычніка, окт, октобар, октомври, октябрь, октября, қаз, қазан, հոկ, հոկտեմբեր, հոկտեմբերի, אוקטובר, אוק׳, أكتوبر, اکتبر, اکتوبر, अक्टूबर, अक्टू॰, অক্টো, অক্টোবর, அக், அக்டோபர், అక్టో, అక్టోబర్, ต.ค, ตุลาคม, ოქტ, ოქტომბერი
    """,
    """
    aza, azaroa, kas, lapkr, lapkritis, listopadu, marras, marraskuu, marraskuuta, noiembrie, nov, novemba, novembar, november, novembra, novembre, novembris, novembro, novembru, noviembre, noy, noyabr, samh, samhain, stu, studeni, studenoga, tach, tachwedd, kasım, lapkričio, nën, nëntor, nóv, nóvember, νοέ, νοέμβριοσ, νοε, νοεμβρίου, лист, листопад, листопада, ліс, лістапад, лістапада, нов, новембар, ное, ноември, нояб, ноябрь, ноября, қар, қараша, նոյ, նոյեմբեր, նոյեմբերի, נובמבר, נוב׳, نوامبر, نوفمبر, نومبر, नवंबर, नव॰, নভে, নভেম্বর, நவ, நவம்பர், నవం, నవంబర్, พ.ย, พฤศจิกายน, ნოე, ნოემბერი
    """,
    """
    abe, abendua, ara, dec, decembar, december, decembra, decembrie, decembris, decembro, dek, dekabr, des, desemba, desember, desembre, dets, detsember, dez, dezember, dezembro, dhj, dhjetor, dic, dicembre, diciembre, dis, disember, gru, grudnia, gruod, gruodis, joulu, joulukuu, joulukuuta, noll, nollaig, pro, prosinac, prosinca, prosince, prosinec, rhag, rhagfyr, aralık, diċ, diċembru, déc, décembre, grudzień, gruodžio, δεκ, δεκέμβριοσ, δεκεμβρίου, груд, грудень, грудня, дек, декабрь, декабря, декември, дец, децембар, жел, желтоқсан, сне, снежань, снежня, դեկ, դեկտեմբեր, դեկտեմբերի, דצמבר, דצמ׳, دسامبر, دسمبر, ديسمبر, दिसंबर, दिस॰, ডিসে, ডিসেম্বর, டிச, டிசம்பர், డిసెం, డిసెంబర్, ธ.ค, ธันวาคม, დეკ, დეკემბერი
    """,
)
