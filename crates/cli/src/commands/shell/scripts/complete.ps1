# daypass: completion, asked of the program at every Tab.
Register-ArgumentCompleter -Native -CommandName daypass -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $program = @(Get-Command -Name daypass -CommandType Application -ErrorAction Stop)[0].Path
    $before = @(
        foreach ($element in $commandAst.CommandElements) {
            if ($element.Extent.EndOffset -ge $cursorPosition) { break }
            if ($null -ne $element.Value) { "$($element.Value)" } else { $element.Extent.Text }
        }
    )
    foreach ($line in @(& $program complete powershell "--word=$wordToComplete" -- @before 2>$null)) {
        if ($line -like ':*') { continue }
        $value, $shown, $help = $line -split "`t", 3
        if (-not $help) { $help = $shown }
        [System.Management.Automation.CompletionResult]::new($value, $shown, 'ParameterValue', $help)
    }
}
