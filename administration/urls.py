from administration.registers import registers
from registers.urls import urls_for

app_name = "accounts"
urlpatterns = urls_for(registers)
