-- Health check of PostgresInstance for Argo CD. The status follows kstatus: observedGeneration, Ready, Stalled.
-- The key in argocd-cm is resource.customizations.health.postgresinstance.dev_PostgresInstance.
local status = obj.status or {}
local conditions = {}
for _, condition in ipairs(status.conditions or {}) do
  conditions[condition.type] = condition
end

local function health(word, condition)
  return {status = word, message = condition.reason .. ": " .. condition.message}
end

-- After a change, the conditions describe the previous spec until the operator has observed the new one.
if conditions.Ready == nil or status.observedGeneration ~= obj.metadata.generation then
  return {status = "Progressing", message = "The operator has not observed this spec yet."}
end
if conditions.Stalled ~= nil and conditions.Stalled.status == "True" then
  return health("Degraded", conditions.Stalled)
end
if conditions.Ready.status ~= "True" then
  return health("Progressing", conditions.Ready)
end
if conditions.Ready.reason == "Suspended" then
  return health("Suspended", conditions.Ready)
end
return health("Healthy", conditions.Ready)
