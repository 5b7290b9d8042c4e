# daypass: `daypass use` switches this shell; everything else is the program's.
function global:daypass {
    $program = @(Get-Command -Name daypass -CommandType Application -ErrorAction Stop)[0].Path
    if ($args.Count -eq 0 -or "$($args[0])" -cne 'use') {
        if ($MyInvocation.ExpectingInput) { $input | & $program @args } else { & $program @args }
        return
    }
    $rest = @($args | Select-Object -Skip 1)
    $Env:DAYPASS_USE_KEPT = Get-Variable -Name _daypass_kept -Scope Global -ValueOnly -ErrorAction Ignore
    try { $lines = @(& $program use --shell powershell @rest) } finally { $Env:DAYPASS_USE_KEPT = $null }
    if ($LASTEXITCODE -ne 0) { return }
    if ("$($lines[0])".StartsWith('# daypass use')) { Invoke-Expression ($lines -join "`n") } else { $lines }
}
