local _ENV = nil
return x
