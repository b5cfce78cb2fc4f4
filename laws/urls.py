from laws.registers import registers
from registers.urls import urls_for

app_name = "laws"
urlpatterns = urls_for(registers)
