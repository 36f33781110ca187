"""What mail programs write into the subject of what they answer by themselves. Data for `automatic.py`.

Only words stand here, no patterns: a language is added by adding its words to the lines below.
"""

from __future__ import annotations

SUBJECTS = """
automatic reply, automatic response, out of office, out of the office, out of office autoreply, out of office reply, auto response, auto reply, auto-reply, autoreply, autoresponse, vacation reply, vacation message, away from my mail,
automatische antwort, abwesenheitsnotiz, abwesenheitsnachricht, abwesenheitsbenachrichtigung, abwesenheitsassistent, réponse automatique, absence du bureau, message d'absence, avis d'absence,
respuesta automática, fuera de la oficina, fuera de oficina, mensaje de ausencia, aviso de ausencia, resposta automática, fora do escritório, ausência temporária, mensagem de ausência, resposta automàtica,
risposta automatica, fuori sede, fuori ufficio, assenza dall'ufficio, automatisch antwoord, automatische beantwoording, afwezigheidsbericht,
autosvar, automatiskt svar, frånvaromeddelande, automatisk svar, fraværsmelding, fraværsbesked, automaattinen vastaus, poissaoloviesti,
automatyczna odpowiedź, odpowiedź automatyczna, autoodpowiedź, nieobecność w biurze, automatická odpověď, mimo kancelář, automatická odpoveď, mimo kancelárie, samodejni odgovor, samodejno sporočilo, automatski odgovor, izvan ureda,
automatikus válasz, irodán kívül, răspuns automat, автоматический ответ, автоответ, автоматична відповідь, автоматичен отговор, аутоматски одговор, αυτόματη απάντηση, otomatik yanıt, ofis dışında,
رد تلقائي, الرد التلقائي, خارج المكتب, תשובה אוטומטית, מענה אוטומטי, מחוץ למשרד, स्वचालित उत्तर, balasan otomatis, di luar kantor, trả lời tự động, ตอบกลับอัตโนมัติ,
自動応答, 自動返信, 不在通知, 자동 회신, 자동 응답, 부재중 알림, 自动答复, 自动回复, 自動回覆, 自動回應
"""
