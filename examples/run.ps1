<#
.SYNOPSIS
Builds the live example and serves the dashboard: a model's answer, or piped text. Does the same as examples/run.sh.
.DESCRIPTION
The address is printed, Ctrl-C stops it.

  examples/run.ps1 -Model ollama:qwen3:4b "why is the sky blue"    ask a model server on this machine
  examples/run.ps1 "why is the sky blue"    ask the first one that is there
  examples/run.ps1                          stream README.md, 20 tokens a second
  Get-Content notes.txt | examples/run.ps1  stream the piped text, as it arrives

It needs CMake, a C++17 compiler, Asio and nlohmann/json, and installs none of them: where CMake does not find the latter two, say
where their headers are by the environment variables WIRTHFORGE_ASIO_INCLUDE_DIR and WIRTHFORGE_JSON_INCLUDE_DIR.
.PARAMETER Prompt
Ask this. Without -Model the first model server that is found on this machine answers.
.PARAMETER Model
Ask these models: ollama:NAME, llama (llama.cpp), lmstudio:NAME, vllm:NAME, or http://127.0.0.1:PORT. Several answer side by side.
.PARAMETER ExitWithPipe
End when the piped text ends; without it the page stays.
.PARAMETER Port
Listen on this port of 127.0.0.1 and [::1]; 0 takes any free one.
.PARAMETER AllowOrigin
Let pages of these origins connect, such as http://localhost:3000.
.PARAMETER BuildOnly
Build, and serve nothing.
.PARAMETER Help
Say this; nothing is built.
#>
[CmdletBinding()]
param(
  [Parameter(Position = 0)] [string] $Prompt,
  [string[]] $Model = @(),
  [switch] $ExitWithPipe,
  [ValidateRange(0, 65535)] [int] $Port = 8145,
  [string[]] $AllowOrigin = @(),
  [Parameter(ValueFromPipeline = $true)] [string] $Text,
  [switch] $BuildOnly,
  [switch] $Help
)

begin {
  $ErrorActionPreference = 'Stop'
  $served = $null
  if ($Help) {
    Get-Help -Name $PSCommandPath -Detailed
    return
  }

  $root = Split-Path -Parent $PSScriptRoot
  $build = Join-Path $root 'build/live'
  New-Item -ItemType Directory -Force -Path $build | Out-Null
  $log = Join-Path $build 'build.log'
  $options = @('-S', $root, '-B', $build, '-DCMAKE_BUILD_TYPE=Release', '-DWIRTHFORGE_BUILD_TESTS=OFF')
  # MinGW and Ninja where they are installed, as on Linux; else CMake's own choice, which is Visual Studio.
  if ((Get-Command g++ -ErrorAction SilentlyContinue) -and (Get-Command ninja -ErrorAction SilentlyContinue)) {
    $options += @('-G', 'Ninja', '-DCMAKE_CXX_COMPILER=g++')
  }
  foreach ($name in 'WIRTHFORGE_ASIO_INCLUDE_DIR', 'WIRTHFORGE_JSON_INCLUDE_DIR') {
    $folder = [Environment]::GetEnvironmentVariable($name)
    if ($folder) { $options += "-D$name=$folder" }
  }
  [Console]::Error.WriteLine('building, the first time for a minute ...')
  & cmake @options *> $log
  if ($LASTEXITCODE -eq 0) { & cmake --build $build --config Release --target live *>> $log }
  if ($LASTEXITCODE -ne 0) {
    Get-Content $log | ForEach-Object { [Console]::Error.WriteLine($_) }
    throw 'examples/run.ps1: the build failed; the output of CMake or the compiler is above'
  }
  if ($BuildOnly) { return }

  $program = @('live.exe', 'Release/live.exe', 'live') | ForEach-Object { Join-Path $build "bin/$_" } |
    Where-Object { Test-Path $_ -PathType Leaf } | Select-Object -First 1
  if (-not $program) { throw "examples/run.ps1: no program in $build/bin" }
  $arguments = @('--port', $Port) + @($AllowOrigin | ForEach-Object { '--allow-origin', $_ })
  $arguments += @($Model | ForEach-Object { '--model', $_ })
  if ($ExitWithPipe) { $arguments += '--exit-with-pipe' }
  if ($Prompt) { $arguments += $Prompt }
  Push-Location $root  # where the example finds README.md
  if ($MyInvocation.ExpectingInput) {
    # A streaming pipeline: piped text reaches the program as it arrives.
    $served = { & $program @arguments }.GetSteppablePipeline($MyInvocation.CommandOrigin)
    $served.Begin($true)
  }
}
process {
  if ($served) { $served.Process($Text) }
}
end {
  if ($Help -or $BuildOnly) { return }
  try {
    if ($served) { $served.End() } else { & $program @arguments }
  } finally {
    Pop-Location
  }
  exit $LASTEXITCODE
}
