// The page that a signed link opens: the chat alone, open at once.
const chat = document.createElement('sala-chat');
chat.setAttribute('account', document.querySelector('meta[name=sala-account]').content);
chat.lang = document.documentElement.lang = ['th', 'en', 'zh'].find((each) => navigator.language.startsWith(each)) || 'en';
document.body.append(chat);
chat.open();
